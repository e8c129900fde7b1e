const UNITS = ['KiB', 'MiB', 'GiB'] as const

/** A number of bytes as a reader says it: `812 bytes`, `12.4 KiB`, `3.0 MiB`. */
export function formatSize(bytes: number): string {
  if (bytes === 1) return '1 byte'
  if (bytes < 1024) return `${bytes} bytes`
  let size = bytes
  let name = 'bytes'
  for (const unit of UNITS) {
    if (size < 1024) break
    size /= 1024
    name = unit
  }
  return `${size.toFixed(size < 100 ? 1 : 0)} ${name}`
}

/** A count with its thousands apart, and the noun that goes with it: `1,204 events`. */
export function formatCount(count: number, noun: string, plural = `${noun}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? noun : plural}`
}

/** A place in an order: `1st`, `304th`. */
export function formatOrdinal(place: number): string {
  const endings: Readonly<Record<string, string>> = { one: 'st', two: 'nd', few: 'rd' }
  const ending = endings[new Intl.PluralRules('en', { type: 'ordinal' }).select(place)] ?? 'th'
  return `${place.toLocaleString('en-US')}${ending}`
}
