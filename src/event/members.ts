/** An object's JSON, written member by member. */

/** A member, with the comma before it; nothing where it has no value. */
export function member(name: string, json: string | undefined): string {
  return json === undefined ? '' : `,"${name}":${json}`
}

/** The object of members that were written by {@link member}. */
export const objectOf = (members: string): string => `{${members.slice(1)}}`

/** JSON of an object: what is none is kept as the value of one, for the backend may refuse any other metadata. */
export function asObject(json: string | undefined): string | undefined {
  return json === undefined || json.startsWith('{') ? json : `{"value":${json}}`
}

/** `value` where it is one of the words that a field may have. */
export function oneOf<T extends string>(words: readonly T[], value: unknown): T | undefined {
  return words.find(word => word === value)
}
