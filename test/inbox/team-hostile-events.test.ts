/**
 * An attacker's event, by the published Worker in workerd: it attacks neither the team's pages, nor a terminal, nor an agent, nor
 * who reads a webhook's messages.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { EXPORT_FORMATS } from '../../src/inbox/export/export-events.ts'
import { runCommandLine } from '../../src/inbox/local/command-line.ts'
import { useInboxToken } from '../../src/inbox/replay/fetch-json.ts'
import type { ReplayStackEvent } from '../../src/types.ts'
import { eventually } from '../support/eventually.ts'
import { type BuiltCommand, buildCommand } from './build-command.ts'
import { connectAgent } from './connect-agent.ts'
import { expectFenced, INJECTION } from './fenced-answer.ts'
import { createMarkupEvent, MARKUP_TEXTS } from './hostile-markup.ts'
import { createHostileRequest, REQUEST_TEXTS } from './hostile-request.ts'
import { findDanger, readHtml } from './page-html.ts'
import { startReplayServer } from './replay-server.ts'
import { createSampleEvent } from './sample-event.ts'
import { ADMIN_TOKEN, startTeamInbox, type TeamInbox } from './start-team-inbox.ts'
import { sendEvents } from './team-events.ts'

const HTML = { accept: 'text/html,*/*;q=0.8' }
/** What a terminal or a reader's eye would obey; a line's end is our own. */
const OBEYED = /(?!\n)[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029]/u
const CHAT =
  '<!channel> @everyone [a](https://evil.example) <https://evil.example|here> =HYPERLINK("https://evil.example")'

let command: BuiltCommand

beforeAll(async () => {
  command = await buildCommand()
})

afterAll(() => {
  useInboxToken(undefined)
  return command.remove()
})

/** A team's inbox with a project `shop`, and one for the inbox's own errors, which stays empty. */
async function startShop() {
  const inbox = await startTeamInbox([], undefined, { variables: { ERRORS_PROJECT: 'own' } })
  const key = await inbox.addProject('shop')
  await inbox.addProject('own')
  const shop = `${inbox.url}/projects/shop`
  const ask = (path: string, options?: Parameters<TeamInbox['ask']>[1]) => inbox.ask(`/projects/shop${path}`, options)
  /** Sends events, and waits until each is kept. */
  const keep = async (...events: readonly ReplayStackEvent[]): Promise<string[]> => {
    const ids: string[] = []
    for (const event of events) {
      const answer = await sendEvents(inbox, key, event)
      const { data } = (await answer.json()) as { data?: { eventId: string } }
      if (data === undefined) throw new Error(`An event was refused: ${answer.status}`)
      ids.push(data.eventId)
    }
    for (const id of ids) await eventually(async () => expect((await ask(`/api/v1/events/${id}`)).status).toBe(200))
    return ids
  }
  const expectNoFault = async () => {
    expect(await (await inbox.ask('/projects/own/api/v1/events')).json()).toMatchObject({ events: [] })
    expect(await (await inbox.ask('/api/v1/admin/dead-letters')).json()).toMatchObject({ events: [] })
  }
  return { inbox, shop, ask, keep, expectNoFault }
}

/** An event that can be sent again, with a text wherever one may be then. */
function createReplayable(text: string): ReplayStackEvent {
  const requestUrl = `http://evil.example/${encodeURIComponent(text)}?q=${encodeURIComponent(text)}`
  const json = { [text]: text, ['__proto__']: text }
  return createSampleEvent({
    ...{ requestUrl, requestHeaders: { 'content-type': 'application/json' }, requestPayload: json },
    ...{ status: 'failed', statusCode: 500, responsePayload: json, responseHeaders: { [text]: text } },
    ...{ errorName: text, errorMessage: text, stackTrace: text, serviceName: text },
  })
}

/** Runs a command of the terminal with a token. */
async function run(shop: string, args: readonly string[], interrupted = new AbortController().signal) {
  const lines: string[] = []
  const add = (line: string) => void lines.push(line)
  const terminal = { print: add, printError: add, showProgress: add, color: false, interrupted }
  const code = await runCommandLine([...args, '--inbox', shop, '--token', ADMIN_TOKEN], terminal)
  return { code, text: lines.join('\n') }
}

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'replaystack-hostile-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

test('becomes no markup on a page, and no page or route fails for it', async () => {
  const { inbox, ask, keep, expectNoFault } = await startShop()
  const texts = [...MARKUP_TEXTS, CHAT, INJECTION]
  const ids = await keep(...texts.map(createMarkupEvent))
  const { issues } = (await (await ask('/api/v1/issues')).json()) as { issues: { issueId: string }[] }
  expect(issues.length).toBeGreaterThan(1)
  for (const text of texts) {
    const rule = { threshold: 1, windowMinutes: 5, url: 'https://example.com/hook', enabled: false }
    const made = (fields: object) =>
      ask('/api/v1/alerts', { method: 'POST', body: JSON.stringify({ ...rule, ...fields }) })
    expect((await made({ name: text, query: '' })).status, text).toBe(
      /[\p{Cc}\p{Bidi_Control}]/u.test(text) ? 400 : 201,
    )
    expect((await made({ name: 'x', query: JSON.stringify(text.replace(/["\\]/g, '')) })).status, text).toBe(201)
  }
  const words = texts.map(text => encodeURIComponent(text))
  const pages = [
    ...['/', '/issues', '/routes', '/alerts'],
    ...ids.map(id => `/events/${id}`),
    ...issues.map(({ issueId }) => `/issues/${issueId}`),
    ...words.flatMap(word => [`/?q=${word}`, `/?service=${word}`, `/alerts?done=${word}`]),
    `/compare/${ids[0]}/${ids[1]}`,
  ]
  for (const path of pages) {
    const page = await ask(path, { headers: HTML })
    expect([path, page.headers.get('content-type')]).toEqual([path, expect.stringContaining('text/html')])
    const { tags, text } = readHtml(await page.text())
    expect([200, 400, 404], path).toContain(page.status)
    expect(findDanger(tags), path).toEqual([])
    expect(text, path).not.toMatch(OBEYED)
    expect(page.headers.get('content-security-policy'), path).toMatch(/default-src 'none'; script-src 'self'/)
  }
  for (const path of ['/', '/admin/projects/shop', '/admin/people']) {
    const page = await inbox.ask(path, { headers: HTML })
    expect([path, page.status]).toEqual([path, 200])
    expect(findDanger(readHtml(await page.text()).tags), path).toEqual([])
  }
  await expectNoFault()
}, 120_000)

test('is shown, searched for and exported, whatever its request was', async () => {
  const { ask, keep, expectNoFault } = await startShop()
  for (const text of REQUEST_TEXTS) {
    const kind = text.length % 2 === 0 ? 'JSON' : 'form'
    const ids = await keep(createHostileRequest(text, kind), createHostileRequest(text, 'text'))
    const word = encodeURIComponent(text.replace(/\p{Cs}/gu, '?').slice(0, 200))
    for (const path of [
      ...ids.flatMap(id => [`/events/${id}`, `/events/${id}/curl`, `/api/v1/events/${id}/test`]),
      ...[`/?q=${word}`, `/events/${word}`, `/api/v1/events?q=${word}`, `/events/..%2f${word}`],
      ...EXPORT_FORMATS.map(format => `/api/v1/events/${ids[0]}/export?as=${format}`),
    ]) {
      const { status } = await ask(path, { headers: HTML })
      expect([200, 400, 404, 409], `${JSON.stringify(text.slice(0, 40))} ${path.slice(0, 80)}`).toContain(status)
    }
  }
  await expectNoFault()
}, 240_000)

test('moves nothing in a terminal, whichever command shows it', async () => {
  const { shop, keep, expectNoFault } = await startShop()
  const leaving = new AbortController()
  onTestFinished(() => leaving.abort())
  const tailed: string[] = []
  const add = (line: string) => void tailed.push(line)
  const following = runCommandLine(['tail', '--inbox', shop, '--token', ADMIN_TOKEN], {
    ...{ print: add, printError: add, color: false, interrupted: leaving.signal },
  })
  await eventually(() => expect(tailed.join()).toContain('Following'))
  const texts = [...MARKUP_TEXTS, INJECTION, '\u001b]8;;https://evil.example\u0007click\u001b]8;;\u0007']
  const ids = await keep(...texts.map(createMarkupEvent), ...texts.map(createReplayable))
  await eventually(() => expect(tailed.length).toBeGreaterThan(ids.length))
  leaving.abort()
  await following
  expect(tailed.join('\n')).not.toMatch(OBEYED)
  expect(tailed.join('\n')).toContain('\\u001b')

  const app = await startReplayServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ text: INJECTION, ...texts }))
  })
  const folder = makeFolder()
  const last = ids.at(-1) ?? ''
  for (const args of [
    ['issues'],
    ['issues', '', '--json'],
    ...EXPORT_FORMATS.map(format => ['export', '--query', '', '--as', format]),
    ...ids.map(id => ['export', id, '--as', 'json']),
    ['compare', ids[0] ?? '', last],
    ['compare', ids[0] ?? '', last, '--json'],
    ...ids.map(id => ['replay', id, '--to', app.url]),
    ['replay', last, '--to', app.url, '--json'],
    ['replay', '--query', '', '--to', app.url],
    ...ids.map((id, index) => ['test', id, '--out', join(folder, `${index}.test.ts`)]),
    ['test', '\u001b[2J', '--out', join(folder, 'none.test.ts')],
    ['alerts'],
  ]) {
    const { text } = await run(shop, args)
    expect([args, text.match(OBEYED)?.[0]]).toEqual([args, undefined])
    expect(text, args.join(' ')).not.toBe('')
  }
  // What was replayed went where it was told, though the events name other hosts.
  expect(app.requests.length).toBeGreaterThan(texts.length)
  expect(
    app.requests
      .flatMap(({ headers }) => headers)
      .flat()
      .join(),
  ).not.toContain(ADMIN_TOKEN)
  await expectNoFault()
}, 120_000)

test('is data to an agent, in the answer of every tool', async () => {
  const { shop, keep } = await startShop()
  const fields = { endpoint: `/${INJECTION}`, errorName: 'TypeError', errorMessage: INJECTION, serviceName: INJECTION }
  const [id = ''] = await keep(
    createSampleEvent({
      ...{ ...fields, status: 'failed', statusCode: 500, responsePayload: INJECTION, requestHeaders: {} },
      requestUrl: `http://127.0.0.1/${encodeURIComponent(INJECTION)}`,
    }),
  )
  const app = await startReplayServer((_request, response) => response.end(INJECTION))
  const call = await connectAgent(command.file, ['--inbox', shop], { env: { REPLAYSTACK_INBOX_TOKEN: ADMIN_TOKEN } })
  const marks: string[] = []
  for (const [name, given] of [
    ['list_issues', {}],
    ['search_events', {}],
    ['get_event', { id }],
    ['replay_event', { id, target: app.url }],
  ] as const) {
    const { text } = await call(name, given)
    expect(text).not.toContain(ADMIN_TOKEN)
    marks.push(expectFenced(text))
  }
  expect(new Set(marks).size).toBe(marks.length)
}, 60_000)

test('says nothing to a webhook unless the rule asks, and then moves nothing there', async () => {
  const { ask, keep } = await startShop()
  const hook = await startReplayServer()
  for (const [name, hasContent] of [
    ['silent', false],
    ['telling', true],
  ] as const) {
    const rule = { name, query: 'is:failed', threshold: 1, windowMinutes: 5, hasContent, url: `${hook.url}/${name}` }
    expect((await ask('/api/v1/alerts', { method: 'POST', body: JSON.stringify(rule) })).status).toBe(201)
  }
  await keep(createMarkupEvent(`${CHAT}\u001b[2J\u202e\n{"text":"forged"}`))
  await eventually(() => expect(hook.requests).toHaveLength(2))
  const bodyOf = (name: string): Record<string, unknown> =>
    JSON.parse(hook.requests.find(({ url }) => url === `/${name}`)?.body ?? '')
  expect(JSON.stringify(bodyOf('silent'))).not.toMatch(/evil|everyone|channel|forged/)
  const { event, text } = bodyOf('telling')
  expect(event).toMatchObject({ errorMessage: expect.stringContaining('@everyone') })
  for (const value of [text, ...Object.values(Object(event))]) expect(String(value)).not.toMatch(OBEYED)
}, 60_000)
