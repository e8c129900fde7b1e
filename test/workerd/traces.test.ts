/** What a Worker asks of others by `fetch` is in its trace, and is otherwise what it asked. */
import { expect, test } from 'vitest'
import { openIngest } from './open-inbox.ts'
import { bundleFixture, COMPLAINTS, moduleOf, startMiniflare } from './start-miniflare.ts'

interface Arrived {
  parent: string | null
  method: string
  headers: [string, string][]
  body: string
}

test.each(['/binding', '/object'])('%s', async path => {
  const code = await bundleFixture('traces')
  const recorded = await ask(code, path, true)
  const bare = await ask(code, path, false)
  const { traceId } = recorded.events.find(({ endpoint }) => endpoint === path) ?? {}
  expect(recorded.events.map(event => event.traceId)).toEqual(Array(5).fill(traceId))
  expect(recorded.arrived.map(({ parent }) => parent?.slice(3, 35))).toEqual(
    Array(4).fill(traceId?.replaceAll('-', '')),
  )
  expect(bare.arrived.map(({ parent }) => parent)).toEqual(Array(4).fill(null))
  expect(recorded.arrived.map(({ parent: _, ...rest }) => rest)).toEqual(
    bare.arrived.map(({ parent: _, ...rest }) => rest),
  )
})

async function ask(code: string, path: string, isRecorded: boolean) {
  const ingest = await openIngest()
  const { miniflare, log } = await startMiniflare([
    {
      name: 'traces',
      ...moduleOf(code),
      bindings: {
        REPLAYSTACK_API_KEY: 'key',
        REPLAYSTACK_ENDPOINT: ingest.url,
        ...(isRecorded && { RECORDED: 'yes' }),
      },
      durableObjects: { ROOM: 'Room' },
      serviceBindings: { SELF: 'traces' },
    },
  ])
  const answer = await miniflare.dispatchFetch(`http://shop.example${path}`)
  const arrived = (await answer.json()) as Arrived[]
  const events = await ingest.arrived(5)
  expect(log().match(COMPLAINTS)).toBeNull()
  return { arrived, events }
}
