import { once } from 'node:events'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startInbox } from '../../src/inbox/local/server.ts'
import type { StackFrame } from '../../src/types.ts'
import { type BuiltCommand, buildCommand } from './build-command.ts'
import { frame, write, writeProject } from './bundled-project.ts'
import { runCommand } from './running-command.ts'
import { createSampleEvent } from './sample-event.ts'
import { createTemporaryFolder } from './temporary-folder.ts'

let command: BuiltCommand

beforeAll(async () => {
  command = await buildCommand()
})

afterAll(() => command.remove())

async function upload(args: readonly string[], nodeArgs: readonly string[] = []) {
  const running = runCommand(command.file, ['sourcemaps', 'upload', ...args], nodeArgs)
  const { code } = await running.exit()
  return { code, stdout: running.stdout(), stderr: running.stderr() }
}

async function openInbox(file?: string) {
  const inbox = await startInbox({ file })
  onTestFinished(() => inbox.close())
  const fail = async (stackFrames: StackFrame[], fields: object = { commitHash: 'abc' }) => {
    const response = await fetch(`${inbox.url}/api/v1/ingest/events`, {
      method: 'POST',
      headers: { 'x-replaystack-api-key': 'k' },
      body: JSON.stringify(
        createSampleEvent({ traceId: crypto.randomUUID(), status: 'failed', ...fields, stackFrames }),
      ),
    })
    const { data }: { data: { eventId: string } } = JSON.parse(await response.text())
    return { id: data.eventId, sources: Object.values(inbox.store.get(data.eventId)?.sources ?? {}) }
  }
  return { ...inbox, fail }
}

/** A server that answers each request in turn by this, and what it got. */
async function serve(
  answer: (
    request: IncomingMessage,
    count: number,
  ) => { status: number; headers?: Record<string, string>; body?: string },
) {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      requests.push(request)
      const { status, headers, body } = answer(request, requests.length)
      response.writeHead(status, headers).end(body)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return { requests, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

describe('replaystack sourcemaps upload', () => {
  it('gives an inbox the maps of a release, and nothing twice', async () => {
    const { dist, generated } = await writeProject()
    const { url, fail } = await openInbox()
    const first = await upload(['--release', 'abc', dist, '--to', url])
    expect(first).toEqual({
      code: 0,
      stdout:
        'Release abc has 1 source map: 1 sent, 0 there before\n' +
        'No failed event of this release has come yet: its frames are resolved as they arrive\n',
      stderr: '',
    })
    // What is on this disk counts no longer.
    rmSync(dist, { recursive: true })
    const { sources } = await fail([frame('/srv/app/dist/index.js', generated)])
    expect(sources).toMatchObject([{ functionName: 'charge', fileName: 'src/payment.ts', lineNumber: 6, own: true }])
    const again = await writeProject()
    expect(await upload(['--release', 'abc', again.dist, '--to', `${url}/`])).toEqual({
      code: 0,
      stdout: 'Release abc has 1 source map: 0 sent, 1 there before\n1 of 1 frame of its failed events resolve\n',
      stderr: '',
    })
  })

  it('restores the names of what was minified', async () => {
    const { project, dist } = await writeProject()
    await build({
      entryPoints: [join(project, 'src/index.ts')],
      outfile: join(dist, 'index.js'),
      bundle: true,
      minify: true,
      format: 'esm',
      sourcemap: true,
    })
    const { url, fail } = await openInbox()
    await upload(['--release', '1.0.0', dist, '--to', url])
    const code = readFileSync(join(dist, 'index.js'), 'utf8')
    const column = code.indexOf('.card.id')
    const [, short = ''] = /function (\w+)\(\w+\)\{return \w+\.card\.id/.exec(code) ?? []
    expect(short).toMatch(/^\w$/)
    const at = { ...frame('index.js', { lineNumber: 1, columnNumber: column + 7 }), functionName: short }
    const { sources } = await fail([at], { appVersion: '1.0.0' })
    expect(sources).toMatchObject([{ functionName: 'charge', fileName: 'src/payment.ts' }])
  })

  it('says which frames do not resolve, which maps cannot be used and which files have none', async () => {
    const { dist, generated } = await writeProject()
    write(dist, { 'broken.js.map': '{', 'broken.js': '', 'vendor.js': '', 'style.css.map': '{' })
    const { url, fail } = await openInbox()
    const { id } = await fail([
      frame('dist/index.js', generated),
      frame('dist/vendor.js', { lineNumber: 1, columnNumber: 9 }),
    ])
    const { code, stdout, stderr } = await upload(['--release', 'abc', dist, '--to', url])
    expect(stdout.split('\n')).toEqual([
      'Release abc has 1 source map: 1 sent, 0 there before',
      'Without a map, their frames stay as they are: dist/broken.js, dist/vendor.js',
      '1 of 2 frames of its failed events resolve',
      `  not dist/vendor.js:1:9 in charge (event ${id})`,
      '',
    ])
    expect(stderr).toMatch(/^replaystack: [^\n]*broken\.js\.map cannot be used as a source map: [^\n]+\n$/)
    expect(code).toBe(1)
  })

  it('keeps maps beside the file of the events', async () => {
    const { dist, generated } = await writeProject()
    const file = join(createTemporaryFolder(), 'events.db')
    const first = await openInbox(file)
    expect((await upload(['--release', 'abc', dist, '--to', first.url])).code).toBe(0)
    await first.close()
    const { fail } = await openInbox(file)
    expect((await fail([frame('index.js', generated)])).sources).toMatchObject([{ fileName: 'src/payment.ts' }])
  })

  it('tries again what fails for a while, with the token, and goes no further than the host', async () => {
    const { dist } = await writeProject()
    const missing = JSON.stringify({ success: true, data: { missing: [] } })
    const passing = await serve((_request, count) =>
      count === 1
        ? { status: 503 }
        : { status: 200, body: count === 2 ? missing : '{"events":0,"frames":0,"resolved":0,"unresolved":[]}' },
    )
    expect(await upload(['--release', 'abc', dist, '--to', passing.url, '--token', 'secret'])).toMatchObject({
      code: 0,
    })
    expect(passing.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'POST /api/v1/sourcemaps',
      'POST /api/v1/sourcemaps',
      'GET /api/v1/sourcemaps/abc/check',
    ])
    expect(passing.requests.map(({ headers }) => headers.authorization)).toEqual(Array(3).fill('Bearer secret'))

    const other = await serve(() => ({ status: 200, body: missing }))
    const leading = await serve(() => ({ status: 302, headers: { location: other.url } }))
    const { code, stderr } = await upload(['--release', 'abc', dist, '--to', leading.url, '--token', 'secret'])
    expect([code, stderr]).toEqual([
      2,
      `replaystack: ${leading.url} does not let this upload in (302); give --token TOKEN\n`,
    ])
    expect(other.requests).toEqual([])
  })

  it.each([
    [401, '{"message":"Invalid API key"}', 'does not let this upload in (401: Invalid API key); give --token TOKEN'],
    [404, 'Not found', 'takes no source maps (404): is it a ReplayStack inbox of this version?'],
    [400, '{"message":"files must be"}', 'did not take the source maps: it answered 400: files must be'],
    [200, 'Hello', 'did not take the source maps: it answered 200'],
  ])('ends with 2 and one line where the inbox answers %i', async (status, body, message) => {
    const { dist } = await writeProject()
    const { url } = await serve(() => ({ status, body }))
    const { code, stdout, stderr } = await upload(['--release', 'abc', dist, '--to', url])
    expect([code, stdout, stderr]).toEqual([2, '', `replaystack: ${url} ${message}\n`])
  })

  it('refuses what it cannot understand in one line', async () => {
    const folder = createTemporaryFolder()
    const cases: [string[], string][] = [
      [['--release', 'abc'], 'The folder of the build is missing'],
      [['--release', 'abc', 'no/such'], 'no/such is not a folder that source maps could be read from'],
      [[folder], '--release is missing: the commit hash or version that events of this build have'],
      [['--release', 'a b', folder], '--release must be a string of 1 to 200 characters, without spaces'],
      [['--release', 'abc', folder, '--to', 'inbox'], '--to must be an http URL, got inbox'],
      [['--release', 'abc', folder], `${folder} has no source maps (*.map): let the build write them there`],
    ]
    for (const [args, message] of cases) {
      expect(await upload(args)).toEqual({ code: 2, stdout: '', stderr: `replaystack: ${message}\n` })
    }
    writeFileSync(join(folder, 'a.js.map'), '{}')
    const { code, stderr } = await upload(['--release', 'abc', folder])
    expect([code, stderr.split('\n').at(-2)]).toEqual([2, `replaystack: ${folder} has no source map that can be used`])
  })
})
