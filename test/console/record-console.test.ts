import { Console } from 'node:console'
import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { recordConsole } from '../../src/console/record-console.ts'
import { createTestClient } from '../../src/testing.ts'
import type { LogInput } from '../../src/types.ts'

/** A console of Node's that keeps what it writes, and a recorded one beside it. */
function create() {
  const written: string[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      written.push(String(chunk))
      done()
    },
  })
  const lines: LogInput[] = []
  const plain = new Console(stream)
  return { written, lines, plain, recorded: recordConsole({ captureLog: line => void lines.push(line) }, plain) }
}

describe('recordConsole', () => {
  it.each([
    ['debug', 'debug'],
    ['trace', 'debug'],
    ['log', 'info'],
    ['info', 'info'],
    ['warn', 'warning'],
    ['error', 'error'],
  ] as const)('%s is a line of level %s, and is written as before', (method, level) => {
    const [bare, ours] = [create(), create()]
    bare.plain[method]('The bank is slow', { attempt: 2 })
    ours.recorded[method]('The bank is slow', { attempt: 2 })
    const withoutStack = (text: string) => text.replace(/\n\s+at .*/gs, '')
    expect(ours.written.map(withoutStack)).toEqual(bare.written.map(withoutStack))
    expect(ours.lines).toEqual([{ level, message: 'The bank is slow', metadata: { attempt: 2 } }])
  })

  it('an assertion is one where it fails', () => {
    const { recorded, lines, written } = create()
    recorded.assert(true, 'fine')
    recorded.assert(false, 'Stock is %d', -1)
    recorded.assert(false)
    expect(lines).toEqual([
      { level: 'error', message: 'Assertion failed: Stock is -1' },
      { level: 'error', message: 'Assertion failed' },
    ])
    expect(written).toEqual(['Assertion failed: Stock is -1\n', 'Assertion failed\n'])
  })

  it.each<[args: unknown[], message: string, metadata?: object]>([
    [['%s has %d of %i, %f', 'Ada', 3, 4.7, '1.5'], 'Ada has 3 of 4, 1.5'],
    [['%cred%c 100%% of %s', 'color: red', ''], 'red 100% of %s'],
    [['an order', 7, true, null, undefined, 10n, Symbol('s')], 'an order 7 true null undefined 10 Symbol(s)'],
    [['order %o', { id: 7 }], 'order Object', { id: 7 }],
    [[{ id: 7 }], 'Object', { id: 7 }],
    [[[1, 2]], 'Array', { arguments: [1, 2] }],
    [['both', { id: 7 }, [1]], 'both', { arguments: [{ id: 7 }, [1]] }],
    [[], ''],
  ])('$1 is said', (args, message, metadata) => {
    const { recorded, lines } = create()
    recorded.log(...args)
    expect(lines).toEqual([{ level: 'info', message, ...(metadata && { metadata }) }])
  })

  it('an error says its message, and has its stack in the metadata', () => {
    const { recorded, lines } = create()
    const error = new RangeError('no stock')
    recorded.error('Order failed:', error)
    recorded.error(error, { orderId: 7 })
    const described = { name: 'RangeError', message: 'no stock', stack: error.stack }
    expect(lines).toEqual([
      { level: 'error', message: 'Order failed: RangeError: no stock', metadata: { error: described } },
      { level: 'error', message: 'RangeError: no stock', metadata: { arguments: [described, { orderId: 7 }] } },
    ])
  })

  it('what else a console does, it does, and is no line', () => {
    const { recorded, lines, written, plain } = create()
    recorded.group('Orders')
    recorded.table([{ id: 7 }])
    recorded.groupEnd()
    recorded.count()
    expect(lines).toEqual([])
    expect(written.join('')).toMatch(/Orders[\s\S]*7[\s\S]*default: 1/)
    expect(recorded).toBeInstanceOf(Object.getPrototypeOf(plain).constructor)
    const { error } = recorded
    error('taken out')
    expect(lines).toMatchObject([{ message: 'taken out' }])
  })

  it('the console that it is made of stays as it was', () => {
    const before = Object.entries(Object.getOwnPropertyDescriptors(console))
    const { client } = createTestClient()
    recordConsole(client, console)
    expect(Object.entries(Object.getOwnPropertyDescriptors(console))).toEqual(before)
  })

  it('is written whatever the receiver and the arguments do', () => {
    const { plain, written } = create()
    const recorded = recordConsole(
      {
        captureLog() {
          throw new Error('mine')
        },
      },
      plain,
    )
    recorded.error('first')
    const hostile = {
      toString: null,
      constructor: {
        get name() {
          throw new Error('no')
        },
      },
    }
    create().recorded.log(hostile)
    expect(written).toEqual(['first\n'])
  })

  it('puts its lines on the event, masked, from logLevel up', async () => {
    const { client, events } = createTestClient({ logLevel: 'info' })
    const recorded = recordConsole(client, create().plain)
    recorded.debug('too fine')
    recorded.warn('Charging', { password: 'hunter2' })
    await client.captureEvent({ endpoint: 'job' })
    expect(events[0]?.logs).toMatchObject([
      { level: 'warning', message: 'Charging', metadata: { password: '[MASKED]' } },
    ])
  })
})
