import { expect, it, onTestFinished } from 'vitest'
import { startInbox } from '../../src/inbox/local/server.ts'
import { fetchEvent } from '../../src/inbox/replay/fetch-event.ts'
import { createSampleEvent } from './sample-event.ts'

async function openInbox(traceIds: readonly string[]) {
  const inbox = await startInbox()
  onTestFinished(() => inbox.close())
  const events = traceIds.map(traceId => createSampleEvent({ traceId }))
  const ids = inbox.store
    .insertMany(events.map(event => ({ event, json: JSON.stringify(event) })))
    .map(({ summary }) => summary.id)
  return { ids, find: (id: string) => fetchEvent(inbox.url, id, new AbortController().signal) }
}

const many = Array.from({ length: 450 }, (_, index) => `trace-${index}`)

it('finds an event by the beginning of its id, however many came after it', async () => {
  const { ids, find } = await openInbox(many)
  const [oldest = ''] = ids
  await expect(find(oldest.slice(0, 8))).resolves.toMatchObject({ id: oldest, event: { traceId: 'trace-0' } })
  await expect(find(oldest.slice(0, 7))).rejects.toThrow('has no event')
})

it('finds an event by a trace id of any length, among others that hold it', async () => {
  const { ids, find } = await openInbox(['t', ...many, 'o%'])
  await expect(find('t')).resolves.toMatchObject({ id: ids[0] })
  await expect(find('o%')).resolves.toMatchObject({ id: ids.at(-1) })
  await expect(find('race')).rejects.toThrow('has no event race')
})

it('asks which one is meant where a trace has several', async () => {
  const { ids, find } = await openInbox(['same', ...many, 'same'])
  await expect(find('same')).rejects.toThrow(`2 events match same; give the id of one: ${ids.at(-1)}, ${ids[0]}`)
})
