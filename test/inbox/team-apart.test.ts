/** Two projects of one team's inbox never see each other's events: whatever is done in any order. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readEventStream } from '../../src/inbox/event-stream.ts'
import { eventually } from '../support/eventually.ts'
import { createSampleEvent } from './sample-event.ts'
import { startTeamInbox, type TeamInbox } from './start-team-inbox.ts'
import { sendEvents } from './team-events.ts'
import { makeWriter, readJson, uploadMap } from './team-project.ts'

/** What somebody does in one of two projects; `which` chooses among all events that either has. */
const operation = fc.record({
  project: fc.constantFrom('a', 'b'),
  which: fc.nat(20),
  does: fc.constantFrom(
    'send',
    'send',
    'send',
    'bulk',
    'pin',
    'delete',
    'deleteQuery',
    'resolve',
    'replay',
    'read',
    'map',
    'forget',
  ),
})

test('whatever both do in any order, each has its own events alone, and hears of them alone', async () => {
  const inbox = await startTeamInbox()
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 4, maxLength: 14 }), async operations => {
      run++
      const names = { a: `a${run}`, b: `b${run}` } as Record<string, string>
      const own: Record<string, { key: string; token: string; has: Map<string, string>; heard: string[] }> = {}
      const leaving = new AbortController()
      for (const [one, name] of Object.entries(names)) {
        const has = new Map<string, string>()
        const heard: string[] = []
        own[one] = { key: await inbox.addProject(name), token: await makeWriter(inbox, name), has, heard }
        const stream = await inbox.ask(`/projects/${name}/api/v1/stream`, { signal: leaving.signal })
        void listen(stream, heard)
      }
      const everyId: string[] = []
      for (const [index, { project, which, does }] of operations.entries()) {
        const mine = own[project]
        if (!mine) continue
        const { key, token, has } = mine
        const base = `/projects/${names[project]}/api/v1`
        const id = everyId[which % Math.max(1, everyId.length)] ?? 'none'
        const ask = (path: string, method: string, body?: object) =>
          inbox.ask(base + path, { token, method, ...(body && { body: JSON.stringify(body) }) })
        const send = async (count: number) => {
          const traceIds = Array.from({ length: count }, (_, at) => `${project}-${index}-${at}`)
          const events = traceIds.map(traceId =>
            createSampleEvent({ traceId, status: 'failed', requestPayload: `person-${project}` }),
          )
          // The same keys in both projects: a repeat is one in its own project alone.
          const keys = traceIds.map((_, at) => `key-${which % 4}-${at}`).join(',')
          const taken = await sendEvents(inbox, key, { events }, { 'idempotency-key': keys })
          const { data } = (await taken.json()) as { data: { eventIds: string[] } }
          for (const [at, eventId] of data.eventIds.entries()) {
            everyId.push(eventId)
            if (!has.has(eventId)) has.set(eventId, traceIds[at] ?? '')
          }
          await eventually(async () => expect(await idsOf(inbox, base)).toEqual(new Set(has.keys())))
        }
        const isMine = has.has(id)
        if (does === 'send') await send(1)
        else if (does === 'bulk') await send(4)
        else if (does === 'pin') expect((await ask(`/events/${id}`, 'PATCH', { pinned: true })).ok).toBe(isMine)
        else if (does === 'delete') expect((await ask(`/events/${id}`, 'DELETE')).ok).toBe(has.delete(id))
        else if (does === 'read') expect((await ask(`/events/${id}`, 'GET')).ok).toBe(isMine)
        else if (does === 'replay')
          expect((await ask(`/events/${id}/replays`, 'POST', { target: 'http://x' })).ok).toBe(isMine)
        else if (does === 'deleteQuery') {
          await ask('/events?query=is:failed', 'DELETE')
          has.clear()
        } else if (does === 'forget') {
          // The name of the other project is in each of its events.
          const other = project === 'a' ? 'b' : 'a'
          expect((await ask('/forget', 'POST', { person: `person-${other}`, remove: true })).ok).toBe(true)
        } else if (does === 'map') await uploadMap(inbox, names[project] ?? '', `// ${project}`)
        else {
          const { issues } = (await (await ask('/issues', 'GET')).json()) as { issues: { issueId: string }[] }
          for (const { issueId } of issues) await ask(`/issues/${issueId}`, 'PATCH', { state: 'resolved' })
        }
        for (const [one, { has: expected }] of Object.entries(own)) {
          expect(await idsOf(inbox, `/projects/${names[one]}/api/v1`)).toEqual(new Set(expected.keys()))
        }
      }
      leaving.abort()
      for (const [one, { heard }] of Object.entries(own)) {
        const other = one === 'a' ? 'b' : 'a'
        expect(heard.filter(text => !text.includes(`"projectId":"${names[one]}"`))).toEqual([])
        expect(heard.filter(text => text.includes(`"traceId":"${other}-`))).toEqual([])
      }
    }),
    // What is smaller and fails too would take minutes to find.
    { numRuns: 12, endOnFailure: true },
  )
}, 300_000)

async function idsOf(inbox: TeamInbox, base: string): Promise<Set<string>> {
  const { events } = (await readJson(inbox, `${base}/events?limit=100`)) as { events: { id: string }[] }
  return new Set(events.map(({ id }) => id))
}

/** Keeps the data of each message, until the stream is left. */
async function listen({ body }: Response, heard: string[]): Promise<void> {
  try {
    if (body) for await (const { data } of readEventStream(body)) heard.push(data)
  } catch {
    // It was left.
  }
}
