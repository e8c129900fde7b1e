/** A short text of its own: one that was cut from a larger is kept by pointing into it, and keeps all of it in memory. */
export function detach(text: string): string {
  return JSON.parse(JSON.stringify(text))
}
