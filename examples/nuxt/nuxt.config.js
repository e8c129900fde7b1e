export default defineNuxtConfig({
  compatibilityDate: '2026-08-04',
  telemetry: false,
  nitro: {
    // On Cloudflare: writes wrangler.json, with the Node.js compatibility that the recorder needs there.
    cloudflare: { deployConfig: true, nodeCompat: true },
  },
})
