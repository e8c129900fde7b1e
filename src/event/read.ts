/** One property's value; `undefined` if reading it throws. */
export function read(value: unknown, key: PropertyKey): unknown {
  try {
    return Reflect.get(Object(value), key)
  } catch {
    return undefined
  }
}
