/** What keeps the demo from running, in one line for whoever started it. */
export class DemoError extends Error {
  override name = 'DemoError'
}
