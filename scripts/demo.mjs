// Plain JavaScript that any Node can parse: one that is too old is told so, before it meets TypeScript.
if (process.features.typescript) {
  import('./demo/command.ts').then(({ runDemoCommand }) => runDemoCommand(process.argv.slice(2)))
} else {
  console.error(`demo: Node 22.18 or newer is needed, which runs TypeScript; this is Node ${process.versions.node}`)
  process.exitCode = 1
}
