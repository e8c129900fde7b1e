import { describe, expect, it } from 'vitest'
import { madeStreamOf, readOutgoing } from '../../src/body/outgoing.ts'
import { streamPayload } from '../../src/body/record.ts'
import { type StreamEnd, watchStream } from '../../src/body/watch.ts'
import { payloadValue } from '../support/payload.ts'

function watch(response: Response) {
  const outgoing = readOutgoing(response)
  return watchStream(outgoing, madeStreamOf(outgoing), 1000, false)
}

const streamOf = (...pieces: string[]) =>
  new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = pieces.shift()
      if (piece === undefined) controller.close()
      else controller.enqueue(new TextEncoder().encode(piece))
    },
  })

describe('a stream that is watched', () => {
  it('is watched once, also where a middleware has made another response around it', async () => {
    const first = watch(new Response(streamOf('a', 'b')))
    const remade = new Response(first.response.body, { status: 201 })
    const second = watch(remade)
    expect(second.response).toBe(remade)
    expect(second.stream).toBe(first.stream)
    expect(watch(remade)).toEqual(second)
    expect(await remade.text()).toBe('ab')
    expect(await first.stream?.ended).toMatchObject({ seen: { sizeBytes: 2, complete: true } })
  })

  it('is none of a response of a class of its own, which has more than can be made anew', () => {
    class Own extends Response {}
    const response = new Own(streamOf('a'))
    expect(watch(response)).toEqual({ response, stream: undefined })
  })

  it('is none that is in use', () => {
    const stream = streamOf('a')
    const response = new Response(stream)
    stream.getReader()
    expect(watchStream(readOutgoing(response), stream, 1000, false)).toEqual({ response, stream: undefined })
  })
})

describe('what stands for a stream', () => {
  const headers = (type: string) => new Headers({ 'content-type': type })
  const text = new TextEncoder().encode('abc')
  const whole: StreamEnd = { seen: { content: text, sizeBytes: 3, complete: true }, durationMs: 250 }
  const streaming = { captured: false, reason: 'Streaming response body not captured' }
  const error = { thrown: new Error('broken') }
  const payloadOf = async (type: string, end: StreamEnd | undefined, maxBytes = 100) =>
    payloadValue(await streamPayload(headers(type), end, maxBytes))

  it.each<[what: string, type: string, end: StreamEnd | undefined, expected: unknown]>([
    ['that ended at once is its text', 'text/plain', whole, 'abc'],
    ['that took longer is told of', 'text/plain', { ...whole, durationMs: 251 }, streaming],
    ['that did not end is told of', 'text/plain', { ...whole, seen: { ...whole.seen, complete: false } }, streaming],
    ['whose end is not known is told of', 'text/plain', undefined, streaming],
    ['of events is told of', 'text/event-stream', whole, streaming],
    [
      'that is binary is named',
      'image/png',
      whole,
      expect.objectContaining({ reason: expect.stringMatching(/^Binary/) }),
    ],
    [
      'that is binary and broke off is named',
      'image/png',
      { ...whole, error },
      expect.objectContaining({ captured: false }),
    ],
  ])('%s', async (_, type, end, expected) => {
    expect(await payloadOf(type, end)).toEqual(expected)
  })

  it('that broke off is what was sent, also of events', async () => {
    const broken = { seen: { ...whole.seen, complete: false }, durationMs: 900, error }
    const shown = { beginning: 'abc', originalSizeBytes: 3, sizeIsMinimum: true }
    expect(await payloadOf('text/plain', broken)).toEqual(shown)
    expect(await payloadOf('text/event-stream', broken)).toEqual(shown)
  })

  it('that is too large is its beginning, however long it took', async () => {
    const large = { seen: { ...whole.seen, complete: false }, durationMs: 900 }
    expect(await payloadOf('text/plain', large, 2)).toMatchObject({ beginning: 'abc', originalSizeBytes: 3 })
  })
})
