/**
 * Sixteen hexadecimal digits that stand for a text, at once, where `crypto.subtle` would have to be awaited. They tell
 * texts apart that nobody chose to be alike; they protect nothing.
 */
export function hashText(text: string): string {
  let [first, second] = [0x9e3779b9, 0x85ebca6b]
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    first = Math.imul(first ^ unit, 0x01000193)
    second = Math.imul(second ^ unit, 0x5bd1e995)
    second ^= second >>> 15
  }
  return hexOf(mix(first ^ text.length)) + hexOf(mix(second ^ first))
}

/** Lets each bit of a number reach all others. */
function mix(number: number): number {
  let mixed = Math.imul(number ^ (number >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}

function hexOf(number: number): string {
  return (number >>> 0).toString(16).padStart(8, '0')
}
