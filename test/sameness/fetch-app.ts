/** Applications of the Fetch API, bare and recorded, behind one handler: for every runtime, and on the test's own side too. */
import { type Context, Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { stream, streamSSE, streamText } from 'hono/streaming'
import { AutoRouter, StatusError } from 'itty-router'
import { replaystack as recordHono } from '../../src/adapters/hono.ts'
import { replaystack as recordItty } from '../../src/adapters/itty.ts'
import { memoryTransport } from '../../src/testing.ts'
import type { AdapterOptions } from '../../src/types.ts'
import { FETCH_WAYS, type FetchAnswer } from './fetch-ways.ts'
import { asksOf, createLedger } from './ledger.ts'
import { RUN_HEADER, type Server, type Way, type Ways } from './way.ts'

/** What runs for one request. */
type Handler = (request: Request, ...rest: unknown[]) => unknown

type HonoAnswer = (c: Context, server: Server) => Response | Promise<Response>

/** What Hono's own helpers make. */
const HONO_WAYS: Ways<HonoAnswer> = {
  'c-text': { answer: c => c.text('Hello') },
  'c-json': { answer: c => c.json({ a: 1 }) },
  'c-html': { answer: c => c.html('<p>Hello') },
  'c-body': { answer: c => c.body('Hello') },
  'c-body-null': { answer: c => c.body(null, 204) },
  'c-bytes': { answer: c => c.body(new Uint8Array([1, 2, 3]).buffer) },
  'c-header': {
    answer(c) {
      c.header('X-Own', 'yes')
      return c.json({ a: 1 }, 201)
    },
  },
  'c-redirect': { answer: c => c.redirect('/elsewhere') },
  'c-not-found': { answer: c => c.notFound() },
  'c-throws': {
    answer() {
      throw new HTTPException(403, { message: 'not yours' })
    },
  },
  'c-req-json': {
    method: 'POST',
    headers: ['content-type: application/json'],
    body: '{"a":1}',
    answer: async c => c.json(await c.req.json()),
  },
  'c-parse-body': {
    method: 'POST',
    headers: ['content-type: application/x-www-form-urlencoded'],
    body: 'a=1',
    answer: async c => c.json(await c.req.parseBody()),
  },
  'c-stream': { answer: c => stream(c, async out => void (await out.write('one '))) },
  'c-stream-text': { answer: c => streamText(c, async out => void (await out.write('one'))) },
  'c-stream-sse': { answer: c => streamSSE(c, out => out.writeSSE({ data: '1' })) },
  'c-stream-left': {
    steps: [{ until: 'one' }, 'leave', { saw: 'aborted' }],
    answer: (c, server) =>
      streamText(c, async out => {
        out.onAbort(() => server.saw('aborted'))
        await out.write('one')
        while (!out.aborted) await out.sleep(2)
      }),
  },
}

/** What itty makes of what its handlers return. */
const ITTY_WAYS: Ways<() => unknown> = {
  'itty-json': { answer: () => ({ a: 1 }) },
  'itty-text': { answer: () => 'Hello' },
  'itty-throws': {
    answer() {
      throw new StatusError(403, 'not yours')
    },
  },
  'itty-nothing': { answer: () => undefined },
}

const transport = memoryTransport()

/** How what is recorded is recorded. */
export const RECORDED: AdapterOptions<Request> = { apiKey: 'key', transport }

export interface FetchHost {
  /** The adapter that records a handler; without one, only the frameworks' are tried. */
  wrap?: (handler: Handler, options: AdapterOptions<Request>) => Handler
  /** Ways that this host has besides, and the reason of each that it cannot have. */
  ways?: Ways<FetchAnswer>
  lacks?: readonly string[]
  /** The same, of one application. */
  applicationLacks?: Readonly<Record<string, readonly string[]>>
  upgrade?: (request: Request, rest: readonly unknown[]) => Response | undefined
  /** What stands before all paths. */
  base?: string
  /** Whether it is only the plain application that is tried: what is around it is the host's. */
  isPlain?: boolean
}

const without = <Way>(ways: Readonly<Record<string, Way>>, lacks: readonly string[]): Record<string, Way> =>
  Object.fromEntries(Object.entries(ways).filter(([name]) => !lacks.includes(name)))

/** A handler for all applications and what controls them, and a list of the ways that each has. */
export function createFetchApp({
  wrap,
  ways,
  lacks = [],
  applicationLacks = {},
  upgrade,
  base = '',
  isPlain = false,
}: FetchHost): Handler {
  const common = without({ ...FETCH_WAYS, ...ways }, lacks)
  const honoWays = without(HONO_WAYS, lacks)
  const serverOf = (request: Request, rest: readonly unknown[]): Server => ({
    ...ledger.serverOf(request.url, request.headers.get(RUN_HEADER) ?? ''),
    ...(upgrade && { upgrade: given => upgrade(given, rest) }),
  })
  const partsOf = (request: Request): string[] => new URL(request.url).pathname.slice(base.length + 1).split('/')
  const nameOf = (request: Request): string => partsOf(request)[1] ?? ''
  const plain: Handler = (request, ...rest) => common[nameOf(request)]?.answer(request, serverOf(request, rest))

  const createHono = (recorded: boolean): Handler => {
    const app = new Hono().basePath(base || '/')
    // Hono finds an error in what a handler returned where there is any middleware at all.
    app.use(recorded ? recordHono(RECORDED) : async (_, next) => void (await next()))
    for (const [name, { answer }] of Object.entries(honoWays)) {
      app.all(`/:application/${name}`, c => answer(c, serverOf(c.req.raw, [])))
    }
    // What a handler may not return, a few ways do.
    app.all('*', c => plain(c.req.raw, c.env) as Response)
    return (request, env, context) => app.fetch(request, Object(env), context as never)
  }
  const createItty = (recorded: boolean): Handler => {
    const router = AutoRouter({ base, ...(recorded && recordItty(RECORDED)) })
    for (const [name, { answer }] of Object.entries(ITTY_WAYS)) router.all(`/:application/${name}`, answer)
    router.all('*', (request: Request, ...rest: unknown[]) => plain(request, ...rest))
    return router.fetch
  }

  const applications: Record<string, Handler> = {
    ...(!isPlain && {
      'bare-hono': createHono(false),
      'ours-hono': createHono(true),
      'bare-itty': createItty(false),
      'ours-itty': createItty(true),
    }),
    ...(wrap && { 'bare-plain': plain, 'ours-plain': wrap(plain, RECORDED) }),
  }
  const ledger = createLedger(transport, () => ({
    ...(!isPlain && {
      // Hono takes the body away from what it responds to HEAD with, and its stream hears nothing.
      hono: asksOf(
        without<Way<unknown>>({ ...common, ...honoWays }, ['head-stream-left', ...(applicationLacks['hono'] ?? [])]),
      ),
      itty: asksOf(without<Way<unknown>>({ ...common, ...ITTY_WAYS }, applicationLacks['itty'] ?? [])),
    }),
    ...(wrap && { plain: asksOf(common) }),
  }))
  return (request, ...rest) => {
    const [first = '', second = ''] = partsOf(request)
    if (first !== 'control') {
      const how = request.headers.get(RUN_HEADER)?.slice(0, 4)
      return applications[`${how}-${first}`]?.(request, ...rest)
    }
    return Response.json(ledger.control(second, new URL(request.url).searchParams.get('run') ?? ''))
  }
}
