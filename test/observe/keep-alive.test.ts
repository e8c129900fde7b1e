import { expect, it, onTestFinished, vi } from 'vitest'
import { Hold } from '../../src/observe/keep-alive.ts'

function useFakeTimers(): void {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
}

const never = new Promise<never>(() => {})

it('holds nothing up where it was given nothing, or no time is left', async () => {
  useFakeTimers()
  const hold = new Hold()
  await hold.settled(1000)
  hold.waitUntil(never)
  await hold.settled(0)
  await hold.settled(-1)
  expect(vi.getTimerCount()).toBe(0)
})

it('waits for every promise, also for one that comes meanwhile and one that rejects, and leaves no timer behind', async () => {
  useFakeTimers()
  const hold = new Hold()
  const done: string[] = []
  const after = (ms: number, what: string) =>
    new Promise<void>(resolve => setTimeout(resolve, ms)).then(() => void done.push(what))
  hold.waitUntil(Promise.reject(new Error('no')))
  hold.waitUntil(after(10, 'first').then(() => hold.waitUntil(after(10, 'second'))))
  const settled = hold.settled(1000).then(() => done.push('settled'))
  await vi.advanceTimersByTimeAsync(20)
  await settled
  expect(done).toEqual(['first', 'second', 'settled'])
  expect(vi.getTimerCount()).toBe(0)
})

it('waits no longer than it has time', async () => {
  useFakeTimers()
  const hold = new Hold()
  hold.waitUntil(never)
  const settled = vi.fn()
  hold.settled(1000).then(settled)
  await vi.advanceTimersByTimeAsync(999)
  expect(settled).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(1)
  expect(settled).toHaveBeenCalledOnce()
})
