/** What a store gives out and takes in again. On `node:sqlite`, and in a Durable Object. */
import { describe, expect, it } from 'vitest'
import { readBackupLines } from '../../src/inbox/backup/backup.ts'
import type { EventStore, NewEvent } from '../../src/inbox/store.ts'
import type { ReplayStackEvent } from '../../src/types.ts'
import { openStore } from './open-store.ts'
import { createSampleEvent } from './sample-event.ts'

const NOW = Date.UTC(2026, 2, 1)

function newEvent(fields: Partial<ReplayStackEvent>, given: Partial<NewEvent> = {}): NewEvent {
  const event = createSampleEvent(fields)
  return { event, json: JSON.stringify(event), ...given }
}

function failure(traceId: string, errorName: string, receivedAt = NOW): NewEvent {
  const fields = {
    traceId,
    status: 'failed',
    errorName,
    errorMessage: `${errorName} happened`,
    statusCode: 500,
  } as const
  return newEvent(fields, { receivedAt })
}

function readAllLines(store: EventStore): string {
  let text = ''
  let after: string | undefined
  do {
    const page = store.backup(after)
    text += page.lines
    after = page.next
  } while (after !== undefined)
  return text
}

function fill(store: EventStore): void {
  const sources = {
    'a.js:1:2': { fileName: 'src/a.ts', lineNumber: 3, columnNumber: 4, own: true, context: [{ line: 3, text: 'x' }] },
  }
  // Numbers that JavaScript cannot hold, and a line's end between the parts.
  const large = createSampleEvent({ traceId: 'exact' })
  const json = JSON.stringify(large).replace(/\}$/, ',\r\n"more":12345678901234567890.10}')
  store.insertMany([
    newEvent({ traceId: 'one' }, { id: 'one', idempotencyKey: 'key-one', receivedAt: NOW - 5, sources }),
    { event: large, json, id: 'exact', receivedAt: NOW - 4 },
    newEvent({ traceId: 'two', requestPayload: '€'.repeat(1_500_000) }, { id: 'two', receivedAt: NOW - 3 }),
    failure('pruned', 'RangeError', NOW - 1000),
    failure('kept', 'RangeError'),
    failure('other', 'TypeError'),
  ])
  store.update('one', { pinned: true, note: 'Look at "this"\nfirst' })
  store.setReplayOf('two', 'one')
  store.addReplay({
    replayId: 'replay',
    eventId: 'one',
    startedAt: new Date(NOW).toISOString(),
    target: 'http://127.0.0.1:8787',
    outcome: 'same',
    verdict: 'The same',
    originalStatusCode: 201,
    statusCode: 201,
    durationMs: 1.5,
    traceId: 'trace',
  })
  const [issue] = store.issues({}).issues.filter(({ errorName }) => errorName === 'TypeError')
  store.setIssueState(issue?.issueId ?? '', 'resolved')
}

/** All that anybody sees of a store. */
function contentsOf(store: EventStore) {
  const { events } = store.list({ limit: 200 })
  return {
    events,
    stored: events.map(({ id }) => {
      const { json = '', sources } = store.get(id) ?? {}
      return { json: json.replace(/[\r\n]/g, ' '), sources }
    }),
    replays: store.replays('one', 10),
    issues: store.issues({}).issues,
    routes: store.routes(),
    count: store.count(),
    found: store.list({ q: 'RangeError' }).events.map(({ traceId }) => traceId),
  }
}

describe('a backup', () => {
  it('brings back all that there was, and a second time changes nothing', () => {
    const store = openStore({ now: () => NOW })
    fill(store)
    const text = readAllLines(store)
    expect(text.split('\n').every(line => line === '' || typeof JSON.parse(line) === 'object')).toBe(true)
    const { rejected, ...given } = readBackupLines(text)
    expect(rejected).toEqual([])
    const restored = openStore({ now: () => NOW })
    expect(restored.restore(given)).toEqual({ restored: 6, known: 0, issues: 2 })
    const contents = contentsOf(restored)
    expect(contents).toEqual(contentsOf(store))
    expect(contents.stored.some(({ json }) => json.includes('12345678901234567890.10'))).toBe(true)
    expect(restored.restore(given)).toEqual({ restored: 0, known: 6, issues: 2 })
    expect(contentsOf(restored)).toEqual(contents)
    // Also what is taken for the same event by its key alone is known.
    const [one] = given.events
    expect(one?.id).toBe('one')
    expect(restored.insert(newEvent({}, { idempotencyKey: 'key-one' })).created).toBe(false)
  })

  it('goes on counting what was pruned before it', () => {
    const store = openStore({ now: () => NOW, maxAgeMs: 500 })
    fill(store)
    store.prune()
    const [before] = store.issues({ sort: 'count' }).issues
    expect([before?.errorName, before?.count, store.list({ q: 'pruned' }).events.length]).toEqual(['RangeError', 2, 0])
    const restored = openStore({ now: () => NOW })
    restored.restore(readBackupLines(readAllLines(store)))
    expect(restored.issues({}).issues).toEqual(store.issues({}).issues)
  })

  it('adds to what is there, and takes nothing back that was decided there', () => {
    const store = openStore({ now: () => NOW })
    fill(store)
    const given = readBackupLines(readAllLines(store))
    const other = openStore({ now: () => NOW })
    other.insertMany([failure('new', 'RangeError', NOW + 10), newEvent({ traceId: 'own' }, { id: 'own' })])
    const [issue] = other.issues({}).issues
    other.setIssueState(issue?.issueId ?? '', 'ignored')
    expect(other.restore(given)).toMatchObject({ restored: 6, known: 0 })
    expect(other.count()).toBe(8)
    const issues = other.issues({}).issues.map(({ errorName, state, count }) => [errorName, state, count])
    expect(issues).toEqual([
      ['RangeError', 'ignored', 3],
      ['TypeError', 'resolved', 1],
    ])
  })

  it('comes in pages that no event is missing from', () => {
    const store = openStore({ now: () => NOW })
    const ids = Array.from({ length: 1100 }, (_, index) => `event-${index}`)
    store.insertMany(ids.map(id => newEvent({ traceId: id }, { id })))
    const { events } = readBackupLines(readAllLines(store))
    expect(events.map(({ id }) => id)).toEqual(ids)
  })

  it('says which lines are none, and keeps the others', () => {
    const store = openStore({ now: () => NOW })
    store.insert(newEvent({ traceId: 'good' }, { id: 'good' }))
    const good = readAllLines(store)
    const event = good.split('\n')[1]
    const lines = [
      'no JSON',
      '[]',
      '{"kind":"other"}',
      '',
      '{"kind":"event","id":"","receivedAt":1}',
      event,
      '{"kind":"event","id":"a","receivedAt":-1}',
      event,
      '{"kind":"event","id":"a","receivedAt":1}',
      '{"no":"event"}',
      '{"kind":"event","id":"a","receivedAt":1,"sources":{"a":{}}}',
      event,
      '{"kind":"event","id":"a","receivedAt":1,"replays":[{"replayId":"x","startedAt":"never"}]}',
      event,
      '{"kind":"issue","issueId":"a","title":"","culprit":"","state":"gone"}',
      good.trimEnd(),
      '{"kind":"event","id":"cut","receivedAt":1}',
    ]
    const { rejected, events } = readBackupLines(lines.join('\n'))
    expect(events.map(({ id }) => id)).toEqual(['good'])
    expect(rejected).toEqual([
      { line: 1, message: 'it must be a JSON object' },
      { line: 2, message: 'it must be a JSON object' },
      { line: 3, message: 'it is no line of a backup' },
      { line: 5, message: 'id must be a string of 1 to 100 characters' },
      { line: 7, message: 'receivedAt must be an integer, 0 or more' },
      { line: 9, message: 'traceId must be a non-empty string' },
      { line: 11, message: 'sources must each have a fileName' },
      { line: 13, message: 'replays must each have a replayId and a time in startedAt' },
      { line: 15, message: expect.stringMatching(/^an issue must have/) },
      { line: 18, message: 'the event after it is missing' },
    ])
  })
})
