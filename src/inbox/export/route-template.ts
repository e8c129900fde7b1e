/** A route's pattern, of any framework, as OpenAPI writes it. */

/** A path with `{name}` in the place of each parameter. */
export interface RouteTemplate {
  path: string
  /** In their order, each once. */
  names: string[]
}

/**
 * Hono's, Express's and itty's `/orders/:id{[0-9]+}`, `/files/*`, Next.js's and Astro's `/orders/[id]`, `/[...slug]`, and a
 * path that is none of them.
 */
export function readRouteTemplate(route: string): RouteTemplate {
  const names: string[] = []
  const counts = new Map<string, number>()
  const place = (given: string) => {
    const base = given.replace(/\W/g, '') || 'wildcard'
    const count = (counts.get(base) ?? 0) + 1
    counts.set(base, count)
    const name = count === 1 ? base : `${base}_${count}`
    names.push(name)
    return `{${name}}`
  }
  const segments = route.split('/').map(segment => {
    const bracketed = /^\[{1,2}(?:\.{3})?([^[\]]+)\]{1,2}$/.exec(segment)?.[1]
    if (bracketed !== undefined) return place(bracketed)
    const wildcard = /^\{?\*(\w*)\}?$/.exec(segment)
    if (wildcard) return place(wildcard[1] ?? '')
    const parts = segment.split(/:([A-Za-z_]\w*)(?:\{[^{}]*\}|\([^()]*\))?[?+*]?/)
    return parts.map((part, index) => (index % 2 === 1 ? place(part) : escapeBraces(part))).join('')
  })
  return { path: segments.join('/'), names }
}

function escapeBraces(text: string): string {
  return text.replace(/[{}]/g, encodeURIComponent)
}

/** What stands in a path in the place of each parameter that is a segment of its own; none where it is another path. */
export function readParameters({ path }: RouteTemplate, actual: string): Map<string, string> {
  const [template, given] = [path.split('/'), actual.split('/')]
  if (template.length !== given.length) return new Map()
  return new Map(
    template.flatMap((segment, index): [string, string][] => {
      const name = /^\{(\w+)\}$/.exec(segment)?.[1]
      return name === undefined ? [] : [[name, given[index] ?? '']]
    }),
  )
}
