/** The README's commands: run here as they are written, or by the test or step that is named. */
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test, vi } from 'vitest'
import { root } from '../package/bundle-entry.ts'
import { freePort } from '../support/example-project.ts'
import { copyInto, installPackage } from './install-package.ts'
import { snippets } from './read-readme.ts'

/** Each command, without what is said of it after a `#`. */
const commands = snippets
  .filter(({ language }) => language === 'sh')
  .flatMap(({ code }) => code.replaceAll('\\\n', '').split('\n'))
  .map(line => line.replace(/\s+# .*$/, '').replace(/\s+/g, ' '))
  .filter(line => line !== '')

/** The one that begins so. */
function commandOf(beginning: string): string {
  const [command = '', ...others] = commands.filter(line => line.startsWith(beginning))
  expect([command, others]).toEqual([expect.stringContaining(beginning), []])
  return command
}

/** Run below. */
const RUN_HERE = [
  'npm install ',
  'REPLAYSTACK_API_KEY=',
  'npx esbuild ',
  'npx replaystack inbox --db ',
  'npx replaystack tail ',
  'npx replaystack replay ',
  'npx replaystack test ',
]

/** What runs the others: a file, and words in it. */
const RUN_ELSEWHERE: Readonly<Record<string, readonly (readonly [file: string, words: string])[]>> = {
  'npm ci && npm run demo': [
    ['.ci/run', 'npm ci\n'],
    ['test/demo.test.ts', "describe('npm run demo'"],
  ],
  'npm ci && npm test': [['.ci/run', 'npm test -- ']],
  'npm run test:runtimes': [
    ['package.json', '"test:runtimes": "vitest run --project node test/every-runtime.test.ts"'],
  ],
  'npm run check': [['.ci/run', 'npm run check\n']],
  'npm run test:browser': [['.ci/run', 'npm run test:browser -- ']],
  // For minutes, by whoever asks for figures.
  'npm run bench': [['package.json', '"bench": "npm run build && node bench/run.mjs"']],
  'npx replaystack inbox --open': [['test/inbox/command.test.ts', '--open']],
  "printf 'REPLAYSTACK_API_KEY=local\\nREPLAYSTACK_ENDPOINT=http://127.0.0.1:4319\\n' > .dev.vars": [
    ['test/support/example-worker.ts', "writeFile(join(folder, '.dev.vars')"],
  ],
  'npx wrangler dev': [['test/support/example-worker.ts', "WRANGLER, 'dev'"]],
  [`curl -i http://localhost:8787/orders --json '{ "sku": "teapot", "password": "hunter2" }'`]: [
    ['test/workerd/examples.test.ts', '/orders`, body)'],
  ],
  // They need an account: the first is the example's deployment, the others are a part of the example's own words.
  'npx wrangler secret put REPLAYSTACK_API_KEY': [
    ['examples/hono-worker/README.md', 'npx wrangler secret put REPLAYSTACK_API_KEY\n'],
  ],
  'zip function.zip http.mjs': [['examples/lambda/package.json', 'zip -q ../function.zip *.mjs']],
  [`aws lambda create-function --function-name shop --runtime nodejs24.x --handler http.handler --zip-file fileb://function.zip --role arn:aws:iam::…:role/… --environment 'Variables={REPLAYSTACK_API_KEY=rs_live_…}'`]:
    [['examples/lambda/README.md', 'aws lambda create-function --function-name shop --runtime nodejs24.x']],
}

test('every command is run, here or elsewhere', () => {
  const elsewhere = commands.filter(line => !RUN_HERE.some(beginning => line.startsWith(beginning)))
  expect(elsewhere.sort()).toEqual(Object.keys(RUN_ELSEWHERE).sort())
  const scripts = [...commands.join('\n').matchAll(/npm run (\S+)/g)].map(([, name = '']) => name)
  expect(Object.keys(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts)).toEqual(
    expect.arrayContaining(scripts),
  )
})

test.each(Object.entries(RUN_ELSEWHERE).flatMap(([command, proofs]) => proofs.map(proof => [command, ...proof])))(
  '%s: %s',
  (_, file = '', words = '') => {
    expect(readFileSync(join(root, file), 'utf8')).toContain(words)
  },
)

test('from the install to a test of the request that was recorded', { timeout: 180_000 }, async () => {
  const project = await installPackage(commandOf('npm install '), ['express', 'esbuild'])
  const { folder, start } = project

  // Stands in for the desktop.
  await mkdir(join(folder, 'bin'))
  for (const name of ['xdg-open', 'open']) {
    await writeFile(join(folder, 'bin', name), '#!/bin/sh\necho "$1" > opened\n', { mode: 0o755 })
  }
  const inbox = start(`${commandOf('npx replaystack inbox --db ')} --port 0`)
  const endpoint = await inbox.waitFor(/^REPLAYSTACK_ENDPOINT=(\S+)$/m)
  await inbox.waitFor(/^REPLAYSTACK_API_KEY=/m)
  expect(existsSync(join(folder, 'events.db'))).toBe(true)
  const opened = await vi.waitUntil(
    () => existsSync(join(folder, 'opened')) && readFileSync(join(folder, 'opened'), 'utf8'),
    { timeout: 60_000 },
  )
  expect(opened.trim()).toBe(endpoint)

  const tail = start(`${commandOf('npx replaystack tail ')} --inbox ${endpoint}`)
  await tail.waitFor(/^Following /m)

  await copyInto(project, 'examples/express/main.ts', 'main.ts')
  const port = await freePort()
  const app = start(commandOf('REPLAYSTACK_API_KEY=').replaceAll('…', 'readme'), {
    REPLAYSTACK_ENDPOINT: endpoint,
    PORT: String(port),
  })
  const url = `http://127.0.0.1:${port}`
  const hello = await vi.waitUntil(() => fetch(`${url}/hello`).catch(() => undefined), { timeout: 20_000 })
  expect([hello.status, await hello.json(), app.output()]).toEqual([200, { message: 'Hello, world' }, ''])
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"sku":"teapot","quantity":0}',
  }
  expect((await fetch(`${url}/orders`, init)).status).toBe(500)
  await tail.waitFor(/\/orders.*RangeError/s)
  expect(tail.output()).not.toContain('/hello')

  const id = hello.headers.get('x-trace-id') ?? ''
  const replay = commandOf('npx replaystack replay ').replace('ID', id).replace('http://127.0.0.1:8787', url)
  const replayed = start(`${replay} --inbox ${endpoint}`)
  await replayed.waitFor(/The answers are the same: status and body\./)
  expect(await replayed.ended).toBe(0)

  const kept = start(`${commandOf('npx replaystack test ').replace('ID', id)} --inbox ${endpoint}`)
  expect([await kept.ended, kept.output()]).toEqual([0, expect.stringContaining('order.test.ts')])
  expect(readFileSync(join(folder, 'order.test.ts'), 'utf8')).toContain("from 'vitest'")

  await copyInto(project, 'examples/lambda/http.ts', 'http.ts')
  const built = start(commandOf('npx esbuild '))
  expect([await built.ended, built.output()]).toEqual([0, expect.stringContaining('http.mjs')])
  const { handler }: { handler: unknown } = await import(pathToFileURL(join(folder, 'http.mjs')).href)
  expect(handler).toBeTypeOf('function')
})
