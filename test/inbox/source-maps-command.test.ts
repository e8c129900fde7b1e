import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BuiltCommand, buildCommand } from './build-command.ts'
import { frame, writeProject } from './bundled-project.ts'
import { runCommand } from './running-command.ts'
import { createSampleEvent } from './sample-event.ts'
import { postEvent, startInboxCommand, waitForInbox } from './started-inbox.ts'
import { createTemporaryFolder } from './temporary-folder.ts'

/** Terminals get text. */
const asBrowser = { headers: { accept: 'text/html' } }

let command: BuiltCommand

beforeAll(async () => {
  command = await buildCommand()
})

afterAll(() => command.remove())

describe('replaystack inbox', () => {
  it.each([
    [['--sourcemaps', 'no/such/folder'], '--sourcemaps must be a folder, got no/such/folder'],
    [['--sourcemaps', ''], '--sourcemaps must be a folder, got '],
    [['--sourcemaps', 'package.json'], '--sourcemaps must be a folder, got package.json'],
    [['--max-events', '0'], '--max-events must be a number from 1 to 1000000, got 0'],
    [['--max-events', '1e3'], '--max-events must be a number from 1 to 1000000, got 1e3'],
    [['--max-events', '1000001'], '--max-events must be a number from 1 to 1000000, got 1000001'],
    [['--max-events', '-5'], "Option '--max-events' argument is ambiguous."],
  ])('%j is refused in one line', async (args, message) => {
    const running = runCommand(command.file, ['inbox', '--port', '0', ...args])
    expect(await running.exit()).toEqual({ code: 2, signal: null })
    expect(running.stdout()).toBe('')
    expect(running.stderr().split('\n')).toEqual([`replaystack: ${message}`, ''])
  })

  it('shows an event’s frames in their sources', async () => {
    const { dist, generated } = await writeProject()
    const { running, url } = await startInboxCommand(command.file, ['--sourcemaps', dist])
    expect(running.stdout()).toContain(`Stack frames are shown by the source maps in ${dist}\n`)
    const id = await sendFrame(url, generated)
    const page = await (await fetch(`${url}/events/${id}`, asBrowser)).text()
    expect(page).toContain('src/payment.ts:6')
    expect(page).toContain('The card is not checked.')
    expect(running.stderr()).toBe('')
  })

  it('finds the maps of the folder that it is started in, and keeps what they said', async () => {
    const { dist, generated } = await writeProject()
    const { url } = await waitForInbox(runCommand(command.file, ['inbox', '--port', '0'], [], dirname(dist)))
    const id = await sendFrame(url, generated)
    // The next build has something else there.
    writeFileSync(join(dist, 'index.js.map'), JSON.stringify({ version: 3, sources: [], names: [], mappings: '' }))
    const page = await (await fetch(`${url}/events/${id}`, asBrowser)).text()
    expect(page).toContain('src/payment.ts:6')
    expect(page).toContain('The card is not checked.')
    const kept = await (await fetch(`${url}/api/v1/events/${id}`)).json()
    expect(Object.values(Object(kept).sources)).toMatchObject([{ fileName: 'src/payment.ts', lineNumber: 6 }])
  })

  it('says in one line, once, that a map is broken, and shows the event all the same', async () => {
    const folder = createTemporaryFolder()
    writeFileSync(join(folder, 'index.js.map'), '{"version":3')
    const { running, url } = await startInboxCommand(command.file, ['--sourcemaps', folder])
    const id = await sendFrame(url, { lineNumber: 5, columnNumber: 3 })
    for (let times = 0; times < 3; times++) {
      const page = await fetch(`${url}/events/${id}`, asBrowser)
      expect(page.status).toBe(200)
      expect(await page.text()).toContain('index.js:5:3')
    }
    expect(running.stderr()).toMatch(/^replaystack: [^\n]*index\.js\.map cannot be used as a source map: [^\n]+\n$/)
  })

  it('says in one line that its file was damaged, and takes events', async () => {
    const file = join(createTemporaryFolder(), 'events.db')
    writeFileSync(file, Buffer.alloc(20_000, 0xa5))
    const { running, url } = await startInboxCommand(command.file, ['--db', file])
    await running.waitFor('stderr', /made\n/)
    expect(running.stderr()).toMatch(
      /^replaystack: [^\n]+events\.db is damaged \(file is not a database\): it is now [^\n]+\.corrupt-[^\n]+, and a new one was made\n$/,
    )
    expect((await postEvent(url, 'event')).status).toBe(200)
  })
})

/** Sends an event that failed in a bundle's `index.js`, and answers its id. */
async function sendFrame(url: string, position: { lineNumber: number; columnNumber: number }): Promise<string> {
  const event = createSampleEvent({
    status: 'failed',
    errorName: 'TypeError',
    stackFrames: [frame('index.js', position)],
  })
  const response = await fetch(`${url}/api/v1/ingest/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-replaystack-api-key': 'k' },
    body: JSON.stringify(event),
  })
  const answer: { data: { eventId: string } } = JSON.parse(await response.text())
  return answer.data.eventId
}
