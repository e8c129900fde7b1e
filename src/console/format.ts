/** The arguments of a console's method as a line of a log: its text, and what has fields. */

/** A line's message and metadata. */
export interface ConsoleLine {
  message: string
  metadata?: Record<string, unknown>
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** What kind of object it is, as consoles name one that is folded. */
function nameOf(value: object): string {
  const { name }: { name?: unknown } = Object(value.constructor)
  return typeof name === 'string' && name ? name : 'Object'
}

/** A value in a text: an error says its message, anything else with fields its kind. */
function written(value: unknown): string {
  if (!isObject(value)) return typeof value === 'function' ? 'Function' : String(value)
  return value instanceof Error ? `${value.name}: ${value.message}` : nameOf(value)
}

/** A specifier's value. @see https://console.spec.whatwg.org/#formatter */
function substituted(specifier: string, value: unknown): string {
  if (specifier === '%c') return ''
  if (isObject(value) || typeof value === 'symbol') return written(value)
  if (specifier === '%d' || specifier === '%i') return String(Math.trunc(Number(value)))
  return specifier === '%f' ? String(Number(value)) : written(value)
}

/** An error's own text beside what else there is: the line has its message. */
const described = (value: object): unknown =>
  value instanceof Error ? { name: value.name, message: value.message, stack: value.stack } : value

/** What has fields, under a name where it is not the one object that there is. */
function metadataOf(objects: readonly object[]): Record<string, unknown> | undefined {
  const [only, ...others] = objects
  if (!only) return undefined
  if (others.length > 0) return { arguments: objects.map(described) }
  if (only instanceof Error) return { error: described(only) }
  return Array.isArray(only) ? { arguments: only } : { ...only }
}

export function formatLine(args: readonly unknown[]): ConsoleLine {
  const [first, ...rest] = args
  const objects = args.filter(isObject)
  const parts: string[] = []
  if (typeof first === 'string') {
    const text = first.replace(/%[sdifoOjc%]/g, specifier => {
      if (specifier === '%%') return '%'
      return rest.length === 0 ? specifier : substituted(specifier, rest.shift())
    })
    parts.push(text)
  } else if (args.length > 0) rest.unshift(first)
  // An object that stands beside a text is in the metadata alone.
  const texts = rest.filter(value => !isObject(value) || value instanceof Error)
  const shown = parts.length + texts.length > 0 ? texts : rest
  const message = [...parts, ...shown.map(written)].join(' ')
  const metadata = metadataOf(objects)
  return { message, ...(metadata && { metadata }) }
}
