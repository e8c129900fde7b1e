import { expect, it } from 'vitest'
import type { ReplayStackEvent } from '../../src/types.ts'
import { openStore } from './open-store.ts'
import { createSampleEvent } from './sample-event.ts'

function without(name: 'method' | 'endpoint', fields: Partial<ReplayStackEvent>): ReplayStackEvent {
  const { [name]: _left, ...event } = createSampleEvent(fields)
  return event
}

function openTestStore() {
  const store = openStore()
  const events = [
    createSampleEvent({ traceId: 'a', method: 'POST', endpoint: '/orders/1/items' }),
    createSampleEvent({ traceId: 'b', method: 'GET', endpoint: '/orders/1/items' }),
    without('method', { traceId: 'c', endpoint: '/orders/1/items' }),
    without('endpoint', { traceId: 'd', method: 'POST' }),
  ]
  const ids = store
    .insertMany(events.map(event => ({ event, json: JSON.stringify(event) })))
    .map(({ summary }) => summary.id)
  const search = (q: string) => store.list({ q }).events.map(({ traceId }) => traceId)
  return { store, ids, search }
}

it('finds a method and an endpoint as the list shows them', () => {
  const { search, store } = openTestStore()
  expect(search('POST /orders/1/items')).toEqual(['a'])
  expect(search('get /orders')).toEqual(['b'])
  expect(search('/orders/1/items')).toEqual(['c', 'b', 'a'])
  expect(search('POST /order/')).toEqual([])
  const now = Date.now()
  const [part] = store.volume({ q: 'POST /orders' }, { from: now - 60_000, to: now + 60_000, buckets: 1 })
  expect(part?.success).toBe(1)
})

it('finds an id by how it begins, and by nothing else of it', () => {
  const { ids, search } = openTestStore()
  const [first = ''] = ids
  expect(search(first)).toEqual(['a'])
  expect(search(first.slice(0, 13).toUpperCase())).toEqual(['a'])
  expect(search(first.slice(9, 24))).toEqual([])
  expect(search(`_${first.slice(1)}`)).toEqual([])
})

it('is done with a message of 10 MB before it is searched to its end', () => {
  const { search, store } = openTestStore()
  const event = createSampleEvent({ traceId: 'long', errorMessage: `near ${'a'.repeat(10_000_000)} far` })
  store.insertMany([{ event, json: JSON.stringify(event) }])
  const before = process.cpuUsage().user
  expect(search('near')).toEqual(['long'])
  expect(search('far')).toEqual([])
  // What looks at all of it takes 200 times as long as the message is: five seconds.
  expect(search(`${'a'.repeat(200)}b`)).toEqual([])
  expect(process.cpuUsage().user - before).toBeLessThan(2_000_000)
})
