/** Where dependencies, runtimes and hosts keep code that the application runs on. */
const FRAMEWORK_FILES: readonly RegExp[] = [
  /(?:^|[/\\])node_modules[/\\]/,
  // Modules of Node.js, Deno, Bun and workerd; of JavaScriptCore.
  /^(?:node|ext|bun|deno|wasm|native|internal|npm|jsr|[a-z]+-internal):/,
  /^(?:node|internal|native|workerd)\/|^\[native/,
  // What Deno and Bun download: where it came from, or where it was put.
  /^https:\/\/(?:jsr\.io|esm\.sh|deno\.land|unpkg\.com|cdn\.jsdelivr\.net)\//,
  /\/deno_(?:core|fetch|web|http)\/|\/npm\/registry\.npmjs\.org\/|\/\.bun\/install\/cache\//,
  // AWS Lambda's runtime; the launchers of Vercel and Netlify.
  /^(?:file:\/\/)?\/var\/(?:runtime|task\/___\w+)\//,
  /(?:^|[/\\])(?:@replaystack[/\\]edge|replaystack-edge)[/\\](?:dist|src)[/\\]/,
]

/** Whether a file, by its name, is not of the application but of what it runs on: a runtime, a framework, this SDK. */
export function isFrameworkFile(fileName: string): boolean {
  return FRAMEWORK_FILES.some(pattern => pattern.test(fileName))
}
