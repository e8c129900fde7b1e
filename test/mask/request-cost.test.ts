/**
 * What an event costs: in proportion to what is in it, up to the limit of a payload, and no more beyond. Costs are this
 * process's own CPU time, and compared with one another, so that a busy machine changes nothing.
 */
import { describe, expect, it } from 'vitest'
import { personalData } from '../../src/masks/index.ts'
import type { EventInput } from '../../src/types.ts'
import { createRecordedClient } from '../support/recorded-client.ts'

const LIMIT = 524_288
/** Milliseconds that tell nothing. */
const MIN_MS = 20

/** Texts that cost much once, and those that people have. */
const PIECES: readonly string[] = [
  ...[
    '%Ba eyJaaaaaa',
    'a=b ',
    '%Ba',
    '%E9',
    'pin%25253Da%26',
    'eyJhIjoiZXlKaElqb2laWGxLYUVscWIybz',
    '4242 ',
    '4242-4242-',
    '&quot;pin&quot;:',
  ],
  ...[
    'Bearer a ',
    'Cookie: a; ',
    'password: a1 ',
    '"password":"a",',
    "insert into a (pin) values ('a',1),",
    'pin = $1 params: [1] ',
    '<pin>a</pin>',
  ],
  ...[
    'sk-proj-',
    'ghp_aaaaaaaaaaaaaaaa ',
    'https://u:p@h/?a=b&token=c ',
    'ann@example.com ',
    '+49 30 123456 ',
    '203.0.113.7, ',
    '2001:db8::1 ',
  ],
  ...[
    'The quick brown fox jumps over the lazy dog. ',
    '{"id":"3f2504e0-4f89-41d3-9a0c-0305e82c3301","at":"2026-11-28T13:22:07.123Z"},',
    '    at read (/app/src/a.ts:1:2)\n',
  ],
]

/** Milliseconds of capturing an event, the best of a few. */
async function cost(event: EventInput, note?: { metadata: object }, masks = [personalData()]): Promise<number> {
  let best = Number.POSITIVE_INFINITY
  for (let turn = 0; turn < 3; turn++) {
    const { client } = createRecordedClient({ masks })
    const { user, system } = process.cpuUsage()
    if (note) client.addBreadcrumb('note', note)
    await client.captureEvent(event)
    const used = process.cpuUsage()
    best = Math.min(best, (used.user - user + used.system - system) / 1000)
  }
  return best
}

const textOf = (piece: string, length: number): string =>
  piece.repeat(Math.ceil(length / piece.length)).slice(0, length)

/** The least that `large` cost in terms of `small`, as far as it is worth telling. */
async function ratio(small: () => Promise<number>, large: () => Promise<number>, enough: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  // A collection of garbage does not come four times.
  for (let turn = 0; turn < 4 && least > enough; turn++) {
    const ms = await large()
    if (ms < MIN_MS) return 0
    least = Math.min(least, ms / Math.max(await small(), MIN_MS / 8))
  }
  return least
}

const FIELDS: Readonly<Record<string, (text: string) => EventInput>> = {
  'a text body': text => ({ requestPayload: text }),
  'the last value of a payload': text => ({ responsePayload: { a: 1, text } }),
  'many values': text => ({
    metadata: { list: Array.from({ length: 64 }, (_, n) => text.slice(0, (text.length / 64) | n)) },
  }),
  'an error': text => ({ errorMessage: text, stackTrace: `Error: ${text}` }),
}

describe.each(Object.entries(FIELDS))('%s', (_, write) => {
  it.each(PIECES)('of 512 kB of %j costs no more than in proportion to 128 kB', async piece => {
    const of = (length: number) => () => cost(write(textOf(piece, length)))
    expect(await ratio(of(LIMIT / 4), of(LIMIT), 9)).toBeLessThan(9)
  })
})

describe('what is beyond the limit', () => {
  it.each(PIECES.slice(0, 8))('costs next to nothing: %j', async piece => {
    const of = (length: number) => () => cost({ responsePayload: { big: textOf(piece, length) } }, undefined, [])
    expect(await ratio(of(LIMIT * 2), of(LIMIT * 16), 4)).toBeLessThan(4)
  })

  it.each(PIECES.slice(0, 8))('costs next to nothing in a breadcrumb: %j', async piece => {
    const of = (length: number) => () => cost({}, { metadata: { a: textOf(piece, length) } }, [])
    expect(await ratio(of(LIMIT / 2), of(LIMIT * 8), 4)).toBeLessThan(4)
  })
})

/** A secret so many layers of percent-encoding deep, where only the last one shows its name. */
function hideDeep(n: number, layers: number): string {
  let text = `?${encodeURIComponent(`password=deep${n}secret`)}`
  for (let layer = 1; layer < layers; layer++) text = encodeURIComponent(text)
  return text
}

describe('what there is no work left for is hidden whole', () => {
  it('in a text with layers upon layers of encoding', async () => {
    const text = Array.from({ length: 15_000 }, (_, n) => hideDeep(n, 5))
      .join(' ')
      .slice(0, 500_000)
    const recorded = createRecordedClient()
    await recorded.client.captureEvent({ errorMessage: text, metadata: { kept: 'as it is' } })
    expect(JSON.stringify(recorded.events)).not.toMatch(/deep\d+secret/)
    expect(recorded.events[0]).toMatchObject({ errorMessage: '[MASKED]', metadata: { kept: 'as it is' } })
  })

  it('in many short texts, of which the first are looked into', async () => {
    const list = Array.from({ length: 8_000 }, (_, n) => `${n} ${hideDeep(n, 3)}`)
    const recorded = createRecordedClient()
    await recorded.client.captureEvent({ requestPayload: { list, note: 'nothing in it' } })
    expect(JSON.stringify(recorded.events)).not.toMatch(/deep\d+secret/)
    const requestPayload = recorded.events[0]?.requestPayload
    expect(requestPayload).toMatchObject({ list: { 0: '0 %253Fpassword%25253D[MASKED]', 7999: '[MASKED]' } })
    expect(requestPayload).toHaveProperty('note', 'nothing in it')
  })
})
