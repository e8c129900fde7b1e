/** Replays sent several times, and to two builds. Long, for the command and both kinds of body have their cases here. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startInbox } from '../../src/inbox/local/server.ts'
import { compareAnswers } from '../../src/inbox/replay/compare.ts'
import { measureDrift } from '../../src/inbox/replay/drift.ts'
import type { ReplayedAnswer } from '../../src/inbox/replay/replayed-answer.ts'
import type { JsonValue, ReplayStackEvent } from '../../src/types.ts'
import { runs } from '../support/fuzz.ts'
import { type BuiltCommand, buildCommand } from './build-command.ts'
import { startReplayServer } from './replay-server.ts'
import { runCommand } from './running-command.ts'
import { createSampleEvent } from './sample-event.ts'
import { createTestApp } from './test-app.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

function answer(body: string, fields: Partial<ReplayedAnswer> = {}): ReplayedAnswer {
  const sizeBytes = Buffer.byteLength(body)
  return { statusCode: 201, headers: JSON_TYPE, body, sizeBytes, isText: true, durationMs: 1, ...fields }
}

const text = (body: string) => answer(body, { headers: { 'content-type': 'text/html' } })

/** The verdict on a captured body, from these runs. */
function judge(payload: JsonValue, answers: ReplayedAnswer[], fields: Partial<ReplayStackEvent> = {}) {
  const [first = answer('')] = answers
  const { headers: responseHeaders } = first
  const event = createSampleEvent({ responsePayload: payload, responseHeaders, ...fields })
  return compareAnswers(event, first, { drift: measureDrift(answers) })
}

const json = (value: JsonValue) => answer(JSON.stringify(value))

describe('what differs between the runs', () => {
  it('is left out and named, and nothing that does not', () => {
    const { same, leftOut, differences } = judge({ id: 'a', at: 1, total: 12, items: [{ id: 'x', price: 5 }] }, [
      json({ id: 'b', at: 2, total: 13, items: [{ id: 'y', price: 5 }] }),
      json({ id: 'c', at: 2, total: 13, items: [{ id: 'y', price: 5 }] }),
      json({ id: 'b', at: 3, total: 13, items: [{ id: 'z', price: 5 }] }),
    ])
    expect(leftOut).toEqual(['body.id', 'body.at', 'body.items[0].id'])
    expect(differences).toEqual([{ path: 'body.total', kind: 'changed', original: '12', replayed: '13' }])
    expect(same).toBe(false)
  })

  it('never hides a field that did not drift', () => {
    const fields = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd e', 'f.g'), fc.integer({ min: 0, max: 2 }), {
      minKeys: 1,
    })
    fc.assert(
      fc.property(fields, fc.array(fields, { minLength: 1, maxLength: 4 }), (captured, answers) => {
        const { same, leftOut } = judge(captured, answers.map(json))
        const names = new Set([captured, ...answers].flatMap(Object.keys))
        const [first = {}] = answers
        const stable = [...names].filter(name => answers.every(one => one[name] === first[name]))
        expect(leftOut).toHaveLength(names.size - stable.length)
        expect(same).toBe(stable.every(name => captured[name] === first[name]))
      }),
      runs(300),
    )
  })

  it('is found among more fields than are told of one comparison', () => {
    const rows = (salt: string, last: string) => [...Array.from({ length: 500 }, (_, row) => `${salt}${row}`), last]
    const { same, leftOut } = judge(rows('a', 'end'), [json(rows('b', 'end')), json(rows('c', 'end'))])
    expect({ same, count: leftOut.length }).toEqual({ same: true, count: 500 })
    expect(judge(rows('a', 'end'), [json(rows('b', 'END')), json(rows('c', 'END'))]).differences).toMatchObject([
      { path: 'body[500]' },
    ])
  })

  it('is words of a text, not its lines', () => {
    const page = (nonce: string, total: number) => `<p>\n<script nonce="${nonce}">total = ${total}</script>\n</p>`
    const [one, two] = [text(page('Zm9v+/8=', 12)), text(page('YmFyLi4u', 12))]
    expect(judge(page('cXV4', 12), [one, two])).toMatchObject({ same: true, leftOut: ['words in body line 2'] })
    expect(judge(page('cXV4', 13), [one, two])).toMatchObject({
      same: false,
      differences: [{ path: 'body line 2', original: page('cXV4', 13).split('\n')[1] }],
    })
  })

  it('is not a body of another kind, or of other lines', () => {
    expect(judge({ a: 1 }, [json({ a: 1 }), json(null)])).toMatchObject({
      same: true,
      leftOut: [],
      notes: ['The runs gave bodies of different kinds: nothing of them was left out.'],
    })
    expect(judge('a\nb', [text('a\nc'), text('a')])).toMatchObject({
      same: false,
      leftOut: [],
      notes: ['The runs gave bodies of different numbers of lines: nothing of them was left out.'],
    })
  })

  it('is a difference where it is the status', () => {
    const failed = answer('{}', { statusCode: 500 })
    expect(judge({}, [answer('{}'), failed, answer('{}')])).toMatchObject({
      same: false,
      differences: [{ path: 'status', original: '201', replayed: '201, 500, 201' }],
    })
  })

  it('may be headers, and the size of a body that was not captured', () => {
    const first = answer('12345', { headers: { ...JSON_TYPE, 'x-run': '1', date: 'a' } })
    const second = answer('123456', { headers: { ...JSON_TYPE, 'x-run': '2', date: 'b' } })
    const uncaptured = { captured: false, reason: 'binary', sizeBytes: 4 }
    expect(judge(uncaptured, [first, second], { responseHeaders: { ...JSON_TYPE, 'x-run': '0' } })).toMatchObject({
      same: true,
      compared: { status: true, body: 'none' },
      leftOut: ['header x-run', 'body size'],
      differences: [],
    })
  })

  it('may be a whole JSON body of one value, which is then not compared', () => {
    expect(judge('a', [json('b'), json('c')])).toMatchObject({
      compared: { body: 'none' },
      leftOut: ['body'],
      differences: [],
    })
  })
})

let command: BuiltCommand
beforeAll(async () => {
  command = await buildCommand()
})
afterAll(() => command.remove())

async function openInbox() {
  const inbox = await startInbox()
  onTestFinished(() => inbox.close())
  const event = createSampleEvent({
    requestHeaders: JSON_TYPE,
    requestPayload: { item: 'book' },
    responseHeaders: JSON_TYPE,
    responsePayload: { id: 'captured', total: 12 },
  })
  return { inbox, id: inbox.store.insert({ event, json: JSON.stringify(event) }).summary.id }
}

/** An application whose answers have ids of their own. */
function startApp(total: number, statusCode = 201) {
  return startReplayServer((_request, response) => {
    response.writeHead(statusCode, JSON_TYPE).end(JSON.stringify({ id: crypto.randomUUID(), total }))
  })
}

async function replay(...args: string[]) {
  const running = runCommand(command.file, ['replay', ...args])
  const { code } = await running.exit()
  return { code, stdout: running.stdout(), stderr: running.stderr() }
}

describe('replaystack replay', () => {
  it('--times leaves out what differs between its runs, and says so', async () => {
    const { inbox, id } = await openInbox()
    const app = await startApp(12)
    const to = ['--to', app.url, '--inbox', inbox.url]
    expect(await replay(id, ...to)).toMatchObject({ code: 1 })
    const { code, stdout } = await replay(id, ...to, '--times', '3')
    expect(app.requests).toHaveLength(4)
    expect(new Set(app.requests.map(({ headers }) => Object.fromEntries(headers)['x-trace-id'])).size).toBe(4)
    expect(stdout).toContain('The answers are the same: status and body.\n')
    expect(stdout).toContain('Left out, for it differs between the 3 runs: body.id\n')
    expect(code).toBe(0)
  })

  it('--times finds the difference among what it leaves out', async () => {
    const { inbox, id } = await openInbox()
    const app = await startApp(13)
    const { code, stdout } = await replay(id, '--to', app.url, '--inbox', inbox.url, '--times', '2', '--json')
    expect(code).toBe(1)
    const result = JSON.parse(stdout)
    expect(result).toMatchObject({ leftOut: ['body.id'], differences: [{ path: 'body.total' }] })
    expect(result.runs).toHaveLength(2)
  })

  it('--baseline compares two builds in place of the captured answer', async () => {
    const { inbox, id } = await openInbox()
    const [before, after] = [await startApp(7, 200), await startApp(7, 200)]
    const to = ['--to', after.url, '--inbox', inbox.url, '--baseline', before.url]
    const once = await replay(id, ...to)
    expect(once).toMatchObject({ code: 1, stdout: expect.stringMatching(/BASELINE {6}REPLAYED/) })
    expect(once.stdout).toMatch(/Ids and times differ from one answer to the next/)
    expect(await replay(id, ...to, '--times', '2')).toMatchObject({ code: 0, stderr: '' })
    const other = await startApp(8, 200)
    const { code, stdout } = await replay(id, '--to', other.url, ...to.slice(2), '--times', '2')
    expect(stdout).toContain('body.total\n  - 7\n  + 8\n')
    expect(code).toBe(1)
    expect(before.requests).toHaveLength(5)
  })

  it('--baseline goes where replays may go, and nowhere else', async () => {
    const { inbox, id } = await openInbox()
    const app = await startApp(7)
    const { code, stderr } = await replay(
      ...[id, '--to', app.url, '--inbox', inbox.url, '--baseline', 'http://192.0.2.1'],
    )
    expect({ code, requests: app.requests }).toEqual({ code: 2, requests: [] })
    expect(stderr).toContain('192.0.2.1')
  })

  it.each([['0'], ['1.5'], ['101'], ['many']])('--times %s is refused in one line', async times => {
    expect(await replay('a', '--times', times)).toEqual({
      code: 2,
      stdout: '',
      stderr: `replaystack: --times must be a number from 1 to 100, got ${times}\n`,
    })
  })
})

describe('POST /api/v1/events/:id/replay', () => {
  const ask = async (given: object) => {
    const test = createTestApp()
    const event = createSampleEvent({ responseHeaders: JSON_TYPE, responsePayload: { id: 'captured', total: 12 } })
    const { id } = test.store.insert({ event, json: JSON.stringify(event) }).summary
    const response = await test.app.request(`/api/v1/events/${id}/replay`, {
      method: 'POST',
      headers: JSON_TYPE,
      body: JSON.stringify(given),
    })
    return { status: response.status, json: await response.json() }
  }

  it('takes times and a baseline', async () => {
    const [before, after] = [await startApp(12), await startApp(12)]
    const { json } = await ask({ target: after.url, baseline: before.url, times: 2 })
    expect(json).toMatchObject({ data: { same: true, comparedWith: 'baseline', leftOut: ['body.id'] } })
    expect([before.requests.length, after.requests.length]).toEqual([2, 2])
  })

  it('says where a mask in an answer is taken for any text', async () => {
    const before = await startReplayServer((_request, response) => {
      response.writeHead(201, JSON_TYPE).end('{"id":"[MASKED]","total":12}')
    })
    const { json } = await ask({ target: (await startApp(12)).url, baseline: before.url })
    expect(json).toMatchObject({
      data: {
        same: true,
        notes: expect.arrayContaining(["The baseline's answer holds the text [MASKED], which was taken for any text."]),
      },
    })
  })

  it.each([
    [{ times: 0 }, 'times must be a number from 1 to 100'],
    [{ times: '2' }, 'times must be a number from 1 to 100'],
    [{ baseline: 7 }, 'baseline must be the URL of a server'],
  ])('refuses %j, naming it', async (given, message) => {
    expect(await ask({ target: 'http://127.0.0.1:1', ...given })).toEqual({
      status: 400,
      json: { success: false, message },
    })
  })
})
