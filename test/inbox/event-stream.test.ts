import { describe, expect, it } from 'vitest'
import { readEventStream } from '../../src/inbox/event-stream.ts'

async function readAll(...chunks: (string | Uint8Array)[]) {
  const encoder = new TextEncoder()
  async function* body() {
    for (const chunk of chunks) yield typeof chunk === 'string' ? encoder.encode(chunk) : chunk
  }
  const messages = []
  for await (const { event, data, lastId } of readEventStream(body())) messages.push([event, data, lastId])
  return messages
}

describe('an event stream', () => {
  it('is read message by message', async () => {
    expect(await readAll('event: a\ndata: 1\nid: x\n\ndata:2\n\n')).toEqual([
      ['a', '1', 'x'],
      ['message', '2', 'x'],
    ])
  })

  it('is the same however it is cut', async () => {
    const bytes = new TextEncoder().encode('event: a\r\ndata: é€\u{1f600}\r\n\r\n: comment\r\ndata: 2\r\rdata: 3\n\n')
    const whole = await readAll(bytes)
    expect(whole).toEqual([
      ['a', 'é€\u{1f600}', undefined],
      ['message', '2', undefined],
      ['message', '3', undefined],
    ])
    expect(await readAll(...Array.from(bytes, byte => Uint8Array.of(byte)))).toEqual(whole)
  })

  it('joins lines of data, keeps colons and a second space, and passes comments and unknown names over', async () => {
    expect(await readAll(': heartbeat\n\nretry: 5\ndata:  a:b\ndata\ndata: c\nother\n\n')).toEqual([
      ['message', ' a:b\n\nc', undefined],
    ])
  })

  it('drops a message without data and one that is cut off', async () => {
    expect(await readAll('event: a\n\nid: 7\n\ndata: cut')).toEqual([])
  })
})
