/**
 * What Hono itself sees of bodies, so that hardly any is copied: a copy of a small request takes some 30 µs of a Worker's
 * time and 100 of a Node server's, and each wait for the end of a body that is known to be whole 20 more.
 */
import type { Context, HonoRequest } from 'hono'
import { type BodyLook, type MadeOf, payloadOfGiven } from '../../observe/request.ts'

/** What `c.req` keeps of a body that was read through it, by how: promises, or what a validator put there. */
type BodyCache = Partial<Record<'text' | 'arrayBuffer' | 'blob' | 'formData' | 'json', unknown>>

/**
 * Looks at a request body in what `c.req.json()` and its like have kept. Whoever takes `c.req.raw` may read the body from
 * there, where nobody else sees it: it is copied before they get it.
 */
export function lookAtBodyOf(req: HonoRequest, maxBytes: number): BodyLook {
  return (plan, record) => {
    let { raw, bodyCache: cache } = req
    const { header } = req
    let copied: ReturnType<typeof record> | undefined
    /** Never throws: the application gets its request whatever that is. */
    const copy: typeof record = () => {
      try {
        return record()
      } catch {
        return async () => undefined
      }
    }
    /** Hono's own methods take `raw` too; those that read a body do so after a look at `bodyCache`. */
    let byHono = false
    Object.defineProperties(req, {
      raw: {
        get() {
          if (!byHono) copied ??= copy()
          byHono = false
          return raw
        },
        set(value: Request) {
          // What arrived is recorded, not what an application puts in its place.
          if (Object.keys(cache).length === 0) copied ??= copy()
          raw = value
        },
        enumerable: true,
        configurable: true,
      },
      bodyCache: {
        get() {
          byHono = true
          return cache
        },
        set(value: typeof cache) {
          cache = value
        },
        enumerable: true,
        configurable: true,
      },
      // These want no body.
      url: { get: () => raw.url, configurable: true },
      method: { get: () => raw.method, configurable: true },
      header: {
        value(...names: unknown[]) {
          byHono = true
          try {
            return Reflect.apply(header, req, names)
          } finally {
            byHono = false
          }
        },
        configurable: true,
        writable: true,
      },
    })
    return async () => {
      if (copied) return copied()
      const isRead = Object.keys(cache).length > 0
      return isRead ? payloadOfGiven(readBody(cache), plan, maxBytes) : copy()()
    }
  }
}

/** The body in the form that tells most of it. */
async function readBody({ text, arrayBuffer, blob, formData, json }: BodyCache): Promise<unknown> {
  // Older versions of Hono keep JSON as a value.
  return (await (text ?? arrayBuffer ?? blob ?? formData)) ?? JSON.stringify(await json)
}

/**
 * Tells what a response was made of: by `c.json`, `c.text` or `c.html`, and nothing has changed its body since.
 */
export function watchResponses(c: Context): (response: Response) => MadeOf | undefined {
  let last: unknown
  let made: MadeOf | undefined
  for (const name of ['json', 'text', 'html'] as const) {
    const make: (...args: never[]) => unknown = c[name]
    Reflect.set(c, name, (...args: never[]) => {
      const response = Reflect.apply(make, c, args)
      const [given]: readonly unknown[] = args
      if (name === 'json' || typeof given === 'string') {
        last = response
        made = name === 'json' ? {} : { text: String(given) }
      }
      return response
    })
  }
  return response => (response === last ? made : undefined)
}
