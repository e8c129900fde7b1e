import { describe, expect, it } from 'vitest'
import { compareAnswers } from '../../src/inbox/replay/compare.ts'
import { formatReplay } from '../../src/inbox/replay/format-replay.ts'
import type { BodyCut, ReplayedAnswer } from '../../src/inbox/replay/replayed-answer.ts'
import type { JsonValue, ReplayStackEvent } from '../../src/types.ts'
import { createSampleEvent } from './sample-event.ts'

function answer(fields: Partial<ReplayedAnswer> = {}): ReplayedAnswer {
  return { statusCode: 201, headers: {}, body: '{"a":1}', sizeBytes: 7, isText: true, durationMs: 1, ...fields }
}

function judge(responsePayload?: JsonValue, fields: Partial<ReplayStackEvent> = {}, replayed = answer()) {
  const event = createSampleEvent(fields)
  return compareAnswers(responsePayload === undefined ? event : { ...event, responsePayload }, replayed)
}

function judgeWithoutStatus(responsePayload?: JsonValue) {
  const { statusCode: _code, ...event } = createSampleEvent()
  return compareAnswers(responsePayload === undefined ? event : { ...event, responsePayload }, answer())
}

const truncated = (preview: string) => ({ __truncated: true, originalSizeBytes: 9e6, maxSizeBytes: 5e5, preview })
const uncaptured = (sizeBytes?: number) => ({
  captured: false,
  reason: 'Binary response body not captured',
  ...(sizeBytes !== undefined && { sizeBytes }),
})

describe('a verdict', () => {
  it.each<[string, ReturnType<typeof judge>]>([
    ['The answers are the same: status and body.', judge({ a: 1 })],
    ['The answers are the same: status, and the body as far as it is known.', judge(truncated('{"a'))],
    ["The answers are the same: status and the body's size; the body was not compared.", judge(uncaptured(7))],
    ['The answers are the same: status; the body was not compared.', judge(uncaptured())],
    ['The answers are the same: status; the body was not compared.', judge(truncated(''))],
    ['The answers are the same: status; the body was not compared.', judge(undefined)],
    ['The answers are the same: body; there was no status to compare.', judgeWithoutStatus({ a: 1 })],
    [
      'The answers are the same: the body as far as it is known; there was no status to compare.',
      judgeWithoutStatus(truncated('{"a')),
    ],
    [
      "The answers are the same: the body's size; neither status nor body was compared.",
      judgeWithoutStatus(uncaptured(7)),
    ],
  ])('claims what was compared: %s', (verdict, comparison) => {
    expect(comparison).toMatchObject({ same: true, verdict, differences: [] })
  })

  it.each<[string, ReturnType<typeof judge>]>([
    ['no body', judgeWithoutStatus()],
    ['a body that was not captured', judgeWithoutStatus(uncaptured())],
    ['a body of which nothing was kept', judgeWithoutStatus(truncated(''))],
  ])('is none where there is no status and %s', (_what, comparison) => {
    const verdict = 'Nothing was compared: the captured answer has no status, and no body to compare.'
    expect(comparison).toMatchObject({ same: false, compared: { status: false, body: 'none' }, verdict })
    const lines = formatReplay({
      request: { method: 'GET', url: 'http://127.0.0.1/', traceId: 't' },
      comparedWith: 'capture',
      runs: [],
      original: { headers: {}, body: '' },
      replayed: { headers: {}, body: '' },
      ...comparison,
    }).split('\n')
    expect(lines.join('\n')).toContain('Nothing was compared: the captured answer has no status')
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80)
  })

  it('is that they differ wherever something does', () => {
    const comparison = judge(uncaptured(), {}, answer({ statusCode: 500 }))
    expect(comparison).toMatchObject({ same: false, verdict: 'The answers differ.', compared: { body: 'none' } })
    expect(judgeWithoutStatus(uncaptured(8))).toMatchObject({ same: false, verdict: 'The answers differ.' })
  })

  it.each<[BodyCut]>([['time'], ['unwanted']])('rests on status and headers where the body was not read: %s', cut => {
    for (const payload of [{ a: 1 }, truncated('{"b'), undefined]) {
      const comparison = judge(payload, { responseHeaders: { 'content-type': 'a/b', 'x-v': '1' } }, answer({ cut }))
      expect(comparison).toMatchObject({
        same: true,
        compared: { status: true, body: 'none' },
        notes: ["The replay's body was not read to its end: it was not compared."],
      })
      expect(comparison.differences.map(({ path }) => path)).toEqual(['header content-type', 'header x-v'])
    }
  })
})
