/** Somebody who is taken out of a store. On `node:sqlite`, and in a Durable Object. */
import { describe, expect, it } from 'vitest'
import { PersonMatcher, REMOVED } from '../../src/inbox/person.ts'
import type { EventStore, NewEvent } from '../../src/inbox/store.ts'
import type { ReplayStackEvent } from '../../src/types.ts'
import { openStore } from './open-store.ts'
import { createSampleEvent } from './sample-event.ts'

function newEvent(traceId: string, fields: Partial<ReplayStackEvent> = {}): NewEvent {
  const event = createSampleEvent({ traceId, ...fields })
  return { event, json: JSON.stringify(event), id: traceId }
}

/** Goes through all steps, and resolves to how many were found. */
function forget(store: EventStore, person: string, isRemoving = true): number {
  let found = 0
  let after: string | undefined
  do {
    const step = store.forget({ person, isRemoving, after })
    found += step.found
    after = step.next
  } while (after !== undefined)
  return found
}

const idsOf = (store: EventStore) =>
  store
    .list({ limit: 200 })
    .events.map(({ id }) => id)
    .sort()

const deep = (value: unknown, depth: number): unknown => (depth === 0 ? value : [deep(value, depth - 1)])

/** Events that mention ada@example.com, each somewhere else. */
const MENTIONS: Record<string, Partial<ReplayStackEvent>> = {
  body: { requestPayload: { user: { email: 'ada@example.com' } } },
  case: { responsePayload: 'Hello ADA@Example.COM!' },
  header: { requestHeaders: { 'x-user': 'ada@example.com' } },
  name: { requestPayload: { 'ada@example.com': 1 } },
  address: { requestUrl: 'https://shop.example/?next=%2Fusers%3Fmail%3Dada%2540example.com' },
  endpoint: { endpoint: '/users/ada@example.com' },
  encoded: { endpoint: '/users/ada%40example.com' },
  error: { status: 'failed', errorName: 'Error', errorMessage: 'No mail to ada@example.com.', stackTrace: 'x' },
  breadcrumb: {
    breadcrumbs: [
      { message: 'x', level: 'info', timestamp: '2026-03-01T00:00:00.000Z', metadata: { to: ['<ada@example.com>'] } },
    ],
  },
  log: { logs: [{ level: 'info', message: 'mail=ada@example.com,', timestamp: '2026-03-01T00:00:00.000Z' }] },
  deep: { metadata: { deep: deep('ada@example.com', 500) as never } },
  large: { requestPayload: `${'x'.repeat(1_500_000)} ada@example.com` },
}
const OTHERS: Record<string, Partial<ReplayStackEvent>> = {
  none: {},
  longer: {
    requestPayload: 'ada@example.company xada@example.com x.ada@example.com ada@example.com.au ada+1@example.com',
  },
  broken: { endpoint: '/%E0%A4%A%/ada%4example.com' },
}

describe('a person who is forgotten', () => {
  it('is found wherever an event mentions them, and nothing else goes', () => {
    const store = openStore()
    const all = { ...MENTIONS, ...OTHERS }
    for (const [id, fields] of Object.entries(all)) store.insert(newEvent(id, fields))
    store.insert(newEvent('noted'))
    store.update('noted', { note: 'asked by ada@example.com', pinned: true })
    expect(forget(store, 'ada@example.com', false)).toBe(Object.keys(MENTIONS).length + 1)
    expect(store.count()).toBe(Object.keys(all).length + 1)
    expect(forget(store, 'ada@example.com')).toBe(Object.keys(MENTIONS).length + 1)
    expect(idsOf(store)).toEqual(Object.keys(OTHERS).sort())
    expect(forget(store, 'ada@example.com')).toBe(0)
    // It begins as theirs, and is another's.
    expect(store.list({ q: 'ada@example.com' }).events.map(({ id }) => id)).toEqual(['longer'])
    expect(store.issues({}).issues).toEqual([])
  })

  it('is taken out of what is kept of issues and replays, which stay', () => {
    const store = openStore({ maxEvents: 2 })
    const failure = { status: 'failed', errorName: 'MailError', statusCode: 500, stackTrace: 'x' } as const
    // The first is what an issue is named by, and is pruned by those after it.
    store.insert(newEvent('one', { ...failure, errorMessage: 'No mail to ada@example.com' }))
    store.insert(newEvent('two', { ...failure, errorMessage: 'No mail to bob@example.com' }))
    store.insert(newEvent('three'))
    store.addReplay({
      replayId: 'r',
      eventId: 'two',
      startedAt: '2026-03-01T00:00:00.000Z',
      target: 'http://127.0.0.1:1/ada%40example.com',
    })
    expect(JSON.stringify(store.issues({}).issues)).toContain('ada@example.com')
    expect(forget(store, 'ada@example.com')).toBe(0)
    const { issues } = store.issues({})
    expect(JSON.stringify(issues)).not.toContain('ada@example.com')
    expect([issues[0]?.errorMessage, issues[0]?.count]).toEqual([`No mail to ${REMOVED}`, 2])
    expect(store.replays('two', 10)).toEqual([])
  })

  it('is looked for in steps, however many events there are', () => {
    const store = openStore()
    const ids = Array.from({ length: 2_500 }, (_, index) => `event-${index}`)
    const userOf = (index: number) => (index % 3 === 0 ? 4711 : 4712)
    store.insertMany(ids.map((id, index) => newEvent(id, { requestPayload: { userId: userOf(index) } })))
    let steps = 0
    let after: string | undefined
    let found = 0
    do {
      const step = store.forget({ person: '4711', isRemoving: true, after })
      found += step.found
      after = step.next
      steps++
    } while (after !== undefined)
    expect([found, steps > 2]).toEqual([834, true])
    expect(store.count()).toBe(2_500 - 834)
    expect(store.routes().reduce((sum, { count }) => sum + count, 0)).toBe(2_500 - 834)
  })

  it('is counted as a query is', () => {
    const store = openStore()
    store.insertMany([newEvent('one', { status: 'failed' }), newEvent('two'), newEvent('three')])
    expect([store.countMany({}), store.countMany({ status: 'failed' }), store.countMany({ q: 'two' })]).toEqual([
      3, 1, 1,
    ])
  })
})

describe('a mention', () => {
  it.each([
    ['4711', '/users/4711', true],
    ['4711', '/users/4711/orders?x=47110', true],
    ['4711', 'user_4711', false],
    ['4711', '47110 14711 4711.5 4711-1', false],
    ['usr_4711', 'the usr_4711, and', true],
    ['a.b*c', 'xaxbbc', false],
    ['müller@example.de', 'M%C3%BCLLER%40example.de', true],
    ['ada@example.com', '%%%ada%40example.com%', true],
    ['ada@example.com', 'ada@example.com…', true],
  ])('of %s in %j', (person, text, isIn) => {
    const matcher = new PersonMatcher(person)
    expect(matcher.isInText(text)).toBe(isIn)
    expect(matcher.isInText(matcher.removeFrom(text))).toBe(false)
  })
})
