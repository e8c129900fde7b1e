/** Runs a Worker's handler that records its calls, and returns what is on its tape. */
import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { expect } from 'vitest'
import { withReplayStack } from '../../src/adapters/cloudflare/index.ts'
import type { ReplayStackHandle } from '../../src/client/client.ts'
import type { Tape } from '../../src/tape/format.ts'
import { type TapeRecorderOptions, tapeRecorder } from '../../src/tape/index.ts'
import type { ClientOptions, ReplayStackEvent } from '../../src/types.ts'
import { createRecordedClient } from '../support/recorded-client.ts'

const schema: object = JSON.parse(readFileSync(new URL('../../docs/tape.schema.json', import.meta.url), 'utf8'))
const isTape = new Ajv({ allErrors: true, allowUnionTypes: true }).compile<Tape>(schema)

/** A tape that is one by its schema. */
export function asTape(value: unknown): Tape {
  expect(isTape(value), JSON.stringify(isTape.errors, null, 1)).toBe(true)
  return value as Tape
}

/** The tape of an event; `undefined` where it has none. */
export function tapeOf(event: ReplayStackEvent | undefined): Tape | undefined {
  const { tape } = Object(event?.metadata)
  return tape === undefined ? undefined : asTape(tape)
}

export interface Recording {
  event: ReplayStackEvent
  tape: Tape | undefined
  /** What the handler returned or threw. */
  result: unknown
  thrown: unknown
}

/** Records one request. The response is a 500, unless `run` returns another. */
export async function record<Env>(
  env: Env,
  run: (env: Env, handle: ReplayStackHandle) => unknown,
  options: TapeRecorderOptions = {},
  clientOptions: ClientOptions = {},
): Promise<Recording> {
  const recorded = createRecordedClient(clientOptions)
  const { client } = recorded
  let result: unknown
  const worker = withReplayStack(
    {
      async fetch(_request: Request, env: Env, _ctx: unknown, handle?: ReplayStackHandle): Promise<Response> {
        if (!handle) throw new Error('no handle')
        result = await run(env, handle)
        return result instanceof Response ? result : new Response(null, { status: 500 })
      },
    },
    { client, recordCalls: tapeRecorder(options) },
  )
  const waiting: Promise<unknown>[] = []
  let thrown: unknown
  try {
    await worker.fetch(new Request('http://h/path'), env, {
      waitUntil: (one: Promise<unknown>) => void waiting.push(one),
    })
  } catch (caught) {
    thrown = caught
  }
  await Promise.all(waiting)
  await client.flush()
  const [event] = recorded.events
  if (!event) throw new Error('No event was sent.')
  return { event, tape: tapeOf(event), result, thrown }
}

/** {@link record} where there has to be a tape. */
export async function recordTape<Env>(
  env: Env,
  run: (env: Env, handle: ReplayStackHandle) => unknown,
  options?: TapeRecorderOptions,
): Promise<Tape> {
  const { tape } = await record(env, run, options)
  if (!tape) throw new Error('There is no tape.')
  return tape
}
