/**
 * A function of Vercel's, Netlify's or Bun's behind HTTP, as its host would call it: `node example-server.ts FILE`, or Deno. It
 * writes its address when it listens. Apart from the tests: the example runs in a process of its own.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'

type Answer = (request: Request, context: object) => Promise<Response | undefined> | Response | undefined

/** What the host is asked to wait for: a host stops when an answer has gone. */
const context = {
  ip: '203.0.113.6',
  waitUntil(promise: Promise<unknown>) {
    // Called as anything but a method, or with what fails, it would end the process.
    if (this !== context) throw new TypeError('Illegal invocation')
    promise.catch(error => {
      throw error
    })
  },
}
Reflect.set(globalThis, Symbol.for('@vercel/request-context'), { get: () => context })

const exported: Record<string, Answer | { fetch: Answer } | undefined> = await import(
  pathToFileURL(process.argv[2] ?? '').href
)

const server = createServer(async (incoming, outgoing) => {
  const { method = 'GET', url = '/' } = incoming
  const headers = Object.entries(incoming.headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  )
  const body = method === 'GET' ? null : await text(incoming)
  const request = new Request(`http://${incoming.headers.host}${url}`, { method, headers, body })
  const found = exported[method] ?? exported['default']
  // Bun serves an object with `fetch`.
  const answer = typeof found === 'object' ? found.fetch : found
  try {
    // An edge function of Netlify's that answers nothing lets the request go on.
    const response = (await answer?.(request, context)) ?? new Response('the page itself')
    outgoing.writeHead(response.status, Object.fromEntries(response.headers))
    outgoing.end(await response.text())
  } catch {
    outgoing.writeHead(500)
    outgoing.end('the function failed')
  }
})
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
