/** JSON that also has what a store's arguments have: `undefined` in a list, and numbers that are none. */
export function encode(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => {
    if (typeof item === 'number' && !Number.isFinite(item)) return { $number: String(item) }
    return item
  })
}

export function decode<Type>(text: string): Type {
  return JSON.parse(text, (_, item: unknown) => {
    if (typeof item === 'object' && item !== null && '$number' in item) return Number(item.$number)
    return item
  })
}
