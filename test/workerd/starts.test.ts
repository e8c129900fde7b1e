/** How Durable Objects begin, bare and recorded. */
import { beforeAll, expect, test } from 'vitest'
import { openIngest } from './open-inbox.ts'
import { bundleFixture, moduleOf, startMiniflare } from './start-miniflare.ts'

let code: string
beforeAll(async () => {
  code = await bundleFixture('starts')
})

/** What a Worker hears of one kind of object, bare and recorded, and what was recorded. */
async function compare(kind: string, compatibilityDate = '2026-08-04') {
  const ingest = await openIngest()
  const names = ['Bare', 'Recorded'].map(how => `${how}${kind}`)
  const { miniflare } = await startMiniflare([
    {
      name: 'starts',
      ...moduleOf(code),
      compatibilityDate,
      bindings: { REPLAYSTACK_API_KEY: 'key', REPLAYSTACK_ENDPOINT: ingest.url },
      durableObjects: Object.fromEntries(names.map(name => [name, name])),
    },
  ])
  const [bare, recorded] = await Promise.all(
    names.map(async name => (await miniflare.dispatchFetch(`http://w/${name}`)).json()),
  )
  return { bare, recorded, ingest }
}

test.each([
  ['Constructed', 'constructor', 'no configuration'],
  ['Blocked', 'blockConcurrencyWhile', 'no state'],
])('an object (%s) whose %s throws leaves an event, and fails as it would', async (kind, method, errorMessage) => {
  const { bare, recorded, ingest } = await compare(kind)
  expect(recorded).toEqual(bare)
  expect(JSON.stringify(bare)).toContain(errorMessage)
  const [event] = await ingest.arrived(1)
  expect(event).toMatchObject({
    eventType: 'custom',
    endpoint: `${kind}.${method}`,
    status: 'failed',
    errorName: 'RangeError',
    errorMessage,
    metadata: { durableObject: { class: kind, name: 'one' } },
  })
})

test('an object that is reset in a method leaves an event of it', async () => {
  const { bare, recorded, ingest } = await compare('Late')
  expect(recorded).toEqual(bare)
  expect(JSON.stringify(bare)).toContain('no state')
  expect(await ingest.arrived(1)).toMatchObject([
    { endpoint: 'Late.blockConcurrencyWhile', status: 'failed', errorName: 'RangeError', errorMessage: 'no state' },
  ])
})

test('an object that aborts itself leaves an event, with the next that it leaves', async () => {
  const { bare, recorded, ingest } = await compare('Stopped')
  expect(recorded).toEqual(bare)
  expect(JSON.stringify(bare)).toContain('out of step')
  const events = await ingest.arrived(2)
  const aborted = events.find(({ endpoint }) => endpoint === 'Stopped.abort')
  expect(aborted).toMatchObject({
    eventType: 'custom',
    status: 'failed',
    errorMessage: 'out of step',
    metadata: { durableObject: { class: 'Stopped', name: 'one' } },
  })
  expect(aborted?.breadcrumbs?.[0]).toMatchObject({ message: 'HTTP request started', metadata: { endpoint: '/path' } })
})

test.each(['2024-01-01', '2026-08-04'])('the state that an object is given is what it would be (%s)', async date => {
  const { bare, recorded } = await compare('Curious', date)
  expect(recorded).toEqual(bare)
  expect(JSON.parse((bare as string[])[0] ?? '')).toMatchObject({ blocked: 'kept', isSame: true, sockets: 0 })
})

test('an object that starts well leaves no event of it, and none of its framework’s methods', async () => {
  const { bare, recorded, ingest } = await compare('Ready')
  expect(recorded).toEqual(bare)
  expect(bare).toEqual(['undefined false', '', 'initialized initialized'])
  const events = await ingest.arrived(2)
  expect(events.map(({ endpoint }) => endpoint).sort()).toEqual(['/path', 'Ready.visible'])
})
