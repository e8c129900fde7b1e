/** Workflows in the real runtime: what they do is what it was, and each run is one event. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { read } from '../../src/safe-read.ts'
import { type OpenIngest, openIngest } from './open-inbox.ts'
import { bundleFixture, COMPLAINTS, moduleOf, startMiniflare } from './start-miniflare.ts'

let code: string
beforeAll(async () => {
  code = await bundleFixture('workflow')
})

const KINDS = ['bare', 'recorded'] as const

/** @param folder what outlives the runtime */
async function start(ingest: OpenIngest, folder: string) {
  const { miniflare, log } = await startMiniflare(
    [
      {
        name: 'workflows',
        ...moduleOf(code),
        bindings: { REPLAYSTACK_API_KEY: 'key', REPLAYSTACK_ENDPOINT: ingest.url },
        kvNamespaces: ['KV'],
        workflows: {
          BARE: { name: 'bare', className: 'Bare' },
          RECORDED: { name: 'recorded', className: 'Recorded' },
        },
      },
    ],
    { resourcePersistencePath: folder },
  )
  const ask = async (path: string): Promise<string> => (await miniflare.dispatchFetch(`http://w/${path}`)).text()
  return {
    miniflare,
    log,
    create: (kind: string, what: string) => ask(`${kind}/create?id=${kind}-${what}&what=${what}`),
    pay: (kind: string, what: string) => ask(`${kind}/pay?id=${kind}-${what}`),
    /** Its status, once that is one of these. */
    async until(kind: string, what: string, found: (status: Status) => boolean): Promise<Status> {
      for (;;) {
        const status: Status = JSON.parse(await ask(`${kind}/status?id=${kind}-${what}`))
        if (found(status)) return status
        await new Promise(resolve => setTimeout(resolve, 20))
      }
    },
  }
}

interface Status {
  status: string
  error?: { name: string; message: string }
  output?: unknown
  /** What the steps that are done have returned. */
  __LOCAL_DEV_STEP_OUTPUTS: unknown[]
}

const isOver = ({ status }: Status): boolean => ['complete', 'errored'].includes(status)
const waits = ({ __LOCAL_DEV_STEP_OUTPUTS: outputs }: Status): boolean => outputs.length === 4

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'replaystack-workflow-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))
  return folder
}

const OUTPUT = {
  charged: { tries: 2, own: 'private' },
  both: ['left', 'right at 1'],
  refused: 'TypeError: never',
  paid: { cents: 5 },
}

test('a run is one event with its steps, their attempts and times', async () => {
  const ingest = await openIngest()
  const { create, pay, until, log } = await start(ingest, await makeFolder())
  const endings = []
  for (const kind of KINDS) {
    await create(kind, 'works')
    await until(kind, 'works', waits)
    await pay(kind, 'works')
    endings.push(await until(kind, 'works', isOver))
  }
  expect(endings[1]).toEqual(endings[0])
  expect(endings[1]).toMatchObject({ status: 'complete', output: OUTPUT })
  const [event] = await ingest.arrived(1)
  const durationMs = expect.any(Number)
  const took = { startedMs: expect.any(Number), durationMs }
  expect(event).toMatchObject({
    traceId: 'recorded-works',
    eventType: 'custom',
    endpoint: 'Checkout.run',
    status: 'success',
    requestPayload: { what: 'works' },
    responsePayload: OUTPUT,
    metadata: { workflow: 'Checkout', instanceId: 'recorded-works' },
  })
  expect(read(event?.metadata, 'steps')).toEqual([
    {
      name: 'charge',
      kind: 'do',
      ...took,
      attempts: [{ error: 'RangeError: try 1 is too few', durationMs }, { durationMs }],
    },
    { name: 'left', kind: 'do', ...took, attempts: [{ durationMs }] },
    { name: 'right', kind: 'do', ...took, attempts: [{ durationMs }] },
    { name: 'a moment', kind: 'sleep', until: '10', ...took },
    { name: 'until then', kind: 'sleepUntil', until: expect.stringMatching(/^\d{4}-.*Z$/), ...took },
    {
      name: 'refused',
      kind: 'do',
      ...took,
      attempts: [{ error: 'TypeError: never', durationMs }],
      error: 'TypeError: never',
    },
    { name: 'ready', kind: 'do', ...took, attempts: [{ durationMs }] },
    { name: 'paid', kind: 'waitForEvent', until: 'payment', ...took },
  ])
  // The engine calls a step back from outside of the run: its calls are on the run's tape all the same.
  expect(read(event?.metadata, 'tape')).toMatchObject({
    complete: true,
    calls: ['get', 'put', 'get', 'put'].map(method => ({ kind: 'kv', target: 'KV', method })),
  })
  expect(ingest.events()).toHaveLength(1)
  expect(log().match(COMPLAINTS)).toBeNull()
})

test('a run fails once, at the last attempt', async () => {
  const ingest = await openIngest()
  const { create, until } = await start(ingest, await makeFolder())
  const endings = []
  for (const kind of KINDS) {
    await create(kind, 'fails')
    endings.push(await until(kind, 'fails', isOver))
  }
  expect(endings[1]).toEqual(endings[0])
  expect(endings[1]).toMatchObject({ status: 'errored', error: { name: 'RangeError' } })
  const [event] = await ingest.arrived(1)
  expect(event).toMatchObject({ endpoint: 'Checkout.run', status: 'failed', errorName: 'RangeError' })
  const [step] = read(event?.metadata, 'steps') as { attempts: { error: string }[] }[]
  expect(step?.attempts.map(({ error }) => error)).toEqual(
    [1, 2, 3].map(tries => `RangeError: try ${tries} is too few`),
  )
  expect(ingest.events()).toHaveLength(1)
})

test('a run that goes on after the runtime has stopped is one event, without the steps that were done again', async () => {
  const ingest = await openIngest()
  const folder = await makeFolder()
  const before = await start(ingest, folder)
  for (const kind of KINDS) {
    await before.create(kind, 'works')
    await before.until(kind, 'works', waits)
  }
  await before.miniflare.dispose()
  const { pay, until } = await start(ingest, folder)
  const endings = []
  for (const kind of KINDS) {
    await pay(kind, 'works')
    endings.push(await until(kind, 'works', isOver))
  }
  expect(endings[1]).toEqual(endings[0])
  expect(endings[1]).toMatchObject({ status: 'complete', output: OUTPUT })
  const [event] = await ingest.arrived(1)
  const steps = read(event?.metadata, 'steps') as { name: string; attempts?: unknown }[]
  expect(steps.map(({ name, attempts }) => [name, attempts !== undefined])).toEqual(
    ['charge', 'left', 'right', 'a moment', 'until then', 'refused', 'ready', 'paid'].map(name => [name, false]),
  )
  expect(ingest.events()).toHaveLength(1)
})
