export default { srcDir: 'server', compatibilityDate: '2026-08-04' }
