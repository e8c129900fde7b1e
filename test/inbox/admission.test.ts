/** What a project's object lets in, by its limits. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSqliteDriver } from '../../src/inbox/local/sqlite-driver.ts'
import { openDatabase } from '../../src/inbox/local/sqlite-file.ts'
import { createSqlStore } from '../../src/inbox/sql/sql-store.ts'
import { Admission } from '../../src/inbox/worker/admission.ts'
import { createSampleEvent } from './sample-event.ts'

function openProject(start: number) {
  let time = start
  const now = () => time
  const driver = createSqliteDriver(openDatabase(undefined), undefined)
  const store = createSqlStore(driver, { now })
  const admission = new Admission(driver, now)
  return {
    admission,
    store,
    wait: (milliseconds: number) => {
      time += milliseconds
    },
    /** What the queue brings: each is stored once, however often it comes. */
    keep: (ids: readonly string[]) => {
      const event = createSampleEvent()
      store.insertMany(ids.map(id => ({ event, json: JSON.stringify(event), id, idempotencyKey: id })))
      admission.settle(ids)
    },
  }
}

const MID_MONTH = Date.UTC(2026, 10, 15)

test('a month takes exactly as many events as its limit, wherever they are and however often they come', () => {
  const step = fc.oneof(
    fc.record({ send: fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 20 }) }),
    fc.record({ keep: fc.double({ min: 0, max: 1, noNaN: true }) }),
    fc.constant({ deliver: 'again' }),
  )
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.array(step, { maxLength: 40 }), (month, steps) => {
      const project = openProject(MID_MONTH)
      const taken = new Set<string>()
      let waiting: string[] = []
      for (const one of steps) {
        if ('send' in one) {
          const ids = one.send.map(String)
          const reached = project.admission.admit(ids, { month, second: null })
          const refused = new Set(reached?.refused.map(index => ids[index]))
          for (const id of ids) {
            // In their order: the first that has no room is refused, what is known never.
            const isTaken = taken.has(id) || taken.size < month
            expect(refused.has(id)).toBe(!isTaken)
            if (isTaken && !taken.has(id)) waiting.push(id)
            if (isTaken) taken.add(id)
          }
          if (reached) expect(reached).toMatchObject({ limit: 'month', retryAfter: 16 * 86_400 })
        } else if ('keep' in one) {
          const count = Math.round(one.keep * waiting.length)
          project.keep(waiting.slice(0, count))
          waiting = waiting.slice(count)
        } else {
          // The queue delivers again what it is not sure of.
          project.keep([...taken].filter(id => !waiting.includes(id)))
        }
        expect(taken.size).toBeLessThanOrEqual(month)
      }
      project.keep(waiting)
      expect(project.store.usage()[0]?.events ?? 0).toBe(taken.size)
    }),
  )
})

test('a month ends, and what was let in and never came is counted for an hour', () => {
  const limits = { month: 2, second: null }
  const { admission, keep, wait } = openProject(Date.UTC(2026, 11, 1) - 2 * 3_600_000)
  expect(admission.admit(['a', 'b', 'c'], limits)).toEqual({ refused: [2], limit: 'month', retryAfter: 7200 })
  wait(3_599_999)
  expect(admission.admit(['c'], limits)?.refused).toEqual([0])
  wait(1)
  expect(admission.admit(['c'], limits)).toBeUndefined()
  keep(['c'])
  expect(admission.admit(['d', 'e'], limits)).toEqual({ refused: [1], limit: 'month', retryAfter: 3600 })
  keep(['d'])
  wait(3_600_000)
  expect(admission.admit(['e', 'f'], limits)).toBeUndefined()
})

test('a second takes its limit on average, batches of any size, and says when there is room again', () => {
  const step = fc.record({ count: fc.integer({ min: 1, max: 100 }), wait: fc.integer({ min: 0, max: 3000 }) })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.array(step, { minLength: 1, maxLength: 60 }), (second, steps) => {
      const { admission, wait } = openProject(MID_MONTH)
      const limits = { month: null, second }
      let taken = 0
      let elapsed = 0
      for (const { count, wait: milliseconds } of steps) {
        const ids = Array.from({ length: count }, (_, index) => String(index))
        const reached = admission.admit(ids, limits)
        if (reached) {
          expect(reached).toMatchObject({ limit: 'second', refused: ids.map(Number) })
          wait(reached.retryAfter * 1000)
          elapsed += reached.retryAfter * 1000
          expect(admission.admit(['later'], limits)).toBeUndefined()
          taken++
        } else taken += count
        // The bucket, what has flowed in, and the debt of one batch.
        expect(taken).toBeLessThan(second + (elapsed / 1000) * second + 100)
        wait(milliseconds)
        elapsed += milliseconds
      }
    }),
  )
})

test('a project without limits lets all in', () => {
  const { admission } = openProject(MID_MONTH)
  const ids = Array.from({ length: 1000 }, (_, index) => String(index))
  expect(admission.admit(ids, { month: null, second: null })).toBeUndefined()
})
