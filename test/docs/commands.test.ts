/** The pages' commands: run here as they are written, or by the test or step that is named. */
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test, vi } from 'vitest'
import { root } from '../package/bundle-entry.ts'
import { freePort } from '../support/example-project.ts'
import { copyInto, installPackage } from './install-package.ts'
import { pages, readPage } from './read-pages.ts'

/** A page's commands, each without what is said of it after a `#`. */
const commandsOf = (path: string): string[] =>
  readPage(path)
    .snippets.filter(({ language }) => language === 'sh')
    .flatMap(({ code }) => code.replaceAll('\\\n', '').split('\n'))
    .map(line => line.replace(/\s+# .*$/, '').replace(/\s+/g, ' '))
    .filter(line => line !== '')

/** The one of a page that begins so. */
function commandOf(path: string, beginning: string): string {
  const [command = '', ...others] = commandsOf(path).filter(line => line.startsWith(beginning))
  expect([command, others]).toEqual([expect.stringContaining(beginning), []])
  return command
}

/** Run below, by their pages. */
const RUN_HERE: Readonly<Record<string, readonly string[]>> = {
  'README.md': [
    'npx replaystack inbox',
    'npx replaystack replay ',
    'npx replaystack test ',
    'npm init ',
    'npm install @replaystack/edge ',
    'printf ',
    'npx wrangler dev ',
    'curl ',
    'npx vitest run ',
  ],
  'docs/inbox.md': [
    'npx replaystack inbox --db ',
    'npx replaystack tail ',
    'npx replaystack issues',
    'npx replaystack sourcemaps upload ',
  ],
  'docs/replay-and-tests.md': [
    'npx replaystack replay ',
    'npx replaystack test ',
    'npx replaystack replay --query ',
    'npx replaystack compare ',
    'npx replaystack export ',
  ],
  'docs/hosts/express.md': ['REPLAYSTACK_API_KEY='],
  'docs/hosts/aws-lambda.md': ['npx esbuild '],
}

/** What runs the others: a file, and words in it. */
const RUN_ELSEWHERE: Readonly<Record<string, readonly (readonly [file: string, words: string])[]>> = {
  // What the project below has of them is linked from this repository.
  'npm install --save-dev wrangler vitest': [
    ['package.json', '"wrangler": '],
    ['package.json', '"vitest": '],
  ],
  // They need an account: the first is the example's deployment, the others are a part of the example's own words.
  'npx wrangler secret put REPLAYSTACK_API_KEY': [
    ['examples/hono-worker/README.md', 'npx wrangler secret put REPLAYSTACK_API_KEY\n'],
  ],
  // A team's inbox, at the address of a test.
  'export REPLAYSTACK_ADMIN_TOKEN=…': [['src/inbox/local/commands/team.ts', "process.env['REPLAYSTACK_ADMIN_TOKEN']"]],
  'export REPLAYSTACK_INBOX_TOKEN=…': [['src/inbox/local/command-line.ts', "process.env['REPLAYSTACK_INBOX_TOKEN']"]],
  'npx replaystack team init --project inbox --url https://replaystack-inbox.YOU.workers.dev': [
    ['test/inbox/team-command.test.ts', "team('init', '--project', 'shop')"],
    ['test/inbox/team-own-errors.test.ts', "ERRORS_PROJECT: 'inbox'"],
  ],
  'npx replaystack team init --url https://replaystack-inbox.YOU.workers.dev --project shop': [
    ['test/inbox/team-command.test.ts', "team('init', '--project', 'shop')"],
  ],
  'npx replaystack team add-token Ada --role write --project shop --url https://replaystack-inbox.YOU.workers.dev': [
    ['test/inbox/team-command.test.ts', "team('add-token', 'Ada', '--role', 'write', '--project', 'shop')"],
  ],
  'npx replaystack team limit shop --month 1000000 --second 200 --url https://replaystack-inbox.YOU.workers.dev': [
    ['test/inbox/team-command.test.ts', "team('limit', 'shop', '--month', '1', '--second', '200')"],
  ],
  'npx replaystack team usage shop --url https://replaystack-inbox.YOU.workers.dev': [
    ['test/inbox/team-command.test.ts', "team('usage', 'shop')"],
  ],
  'npx replaystack team add-person ada@example.com --role write --project shop --url https://replaystack-inbox.YOU.workers.dev':
    [
      [
        'test/inbox/team-command.test.ts',
        "team('add-person', 'ada@example.com', '--role', 'write', '--project', 'shop')",
      ],
    ],
  'npx replaystack team retention shop --days 90 --events 2000000 --url https://replaystack-inbox.YOU.workers.dev': [
    ['test/inbox/team-command.test.ts', "team('retention', 'shop', '--days', '90', '--events', '2000000')"],
  ],
  "npx replaystack alerts add Checkout --query 'is:failed route:/checkout' --threshold 10 --window 5 --to https://hooks.slack.com/services/… --inbox https://replaystack-inbox.YOU.workers.dev/projects/shop":
    [['test/inbox/team-command.test.ts', "alerts('add', 'Checkout', ...given)"]],
  'npx replaystack alerts --inbox https://replaystack-inbox.YOU.workers.dev/projects/shop': [
    ['test/inbox/team-command.test.ts', 'alerts()'],
  ],
  'npx replaystack backup shop.ndjson.gz': [
    ['test/inbox/backup-command.test.ts', "run('backup', file, '--inbox', first.url)"],
  ],
  'npx replaystack backup shop.ndjson.gz --inbox https://replaystack-inbox.YOU.workers.dev/projects/shop': [
    ['test/inbox/backup-command.test.ts', "run('backup', back, '--inbox', shop, ...token)"],
  ],
  'npx replaystack restore shop.ndjson.gz --inbox http://127.0.0.1:4320': [
    ['test/inbox/backup-command.test.ts', "run('restore', back, '--inbox', second.url)"],
  ],
  "npx replaystack delete 'service:shop until:30d' --yes": [
    ['test/inbox/backup-command.test.ts', "run('delete', 'is:failed', '--yes', '--inbox', inbox.url)"],
  ],
  'npx replaystack forget ada@example.com --yes': [
    ['test/inbox/backup-command.test.ts', "run('forget', 'Ada.Zweistein@example.com', '--yes', '--inbox', inbox.url)"],
  ],
  'npx replaystack forget ada@example.com --yes --inbox https://replaystack-inbox.YOU.workers.dev/projects/shop': [
    ['test/inbox/backup-command.test.ts', "run(...args, '--yes')"],
  ],
  'npx replaystack tail --inbox https://replaystack-inbox.YOU.workers.dev/projects/shop': [
    ['test/inbox/team-command.test.ts', "['tail', '--inbox', inbox,"],
  ],
  'npx replaystack replay ID --to http://localhost:8787 --inbox https://replaystack-inbox.YOU.workers.dev/projects/shop':
    [['test/inbox/team-command.test.ts', "asAda('replay', 'first', '--to',"]],
  'npx replaystack mcp --inbox https://replaystack-inbox.YOU.workers.dev/projects/shop': [
    ['test/inbox/team-command.test.ts', "'mcp', '--inbox', inbox"],
  ],
  'npx replaystack sourcemaps upload --release SHA DIR --to https://replaystack-inbox.YOU.workers.dev/projects/shop': [
    ['test/inbox/team-source-maps.test.ts', 'uploadSourceMaps(files, upload)'],
  ],
  'npx wrangler r2 bucket lifecycle add replaystack-inbox old-maps sourcemaps/ --expire-days 180': [
    ['examples/team-inbox/wrangler.jsonc', '"bucket_name": "replaystack-inbox"'],
  ],
  'zip function.zip http.mjs': [['examples/lambda/package.json', 'zip -q ../function.zip *.mjs']],
  [`aws lambda create-function --function-name shop --runtime nodejs24.x --handler http.handler --zip-file fileb://function.zip --role arn:aws:iam::…:role/… --environment 'Variables={REPLAYSTACK_API_KEY=rs_live_…}'`]:
    [['examples/lambda/README.md', 'aws lambda create-function --function-name shop --runtime nodejs24.x']],
}

test('every command is run, here or elsewhere', () => {
  const elsewhere = pages.flatMap(({ path }) =>
    commandsOf(path).filter(line => !RUN_HERE[path]?.some(beginning => line.startsWith(beginning))),
  )
  expect(elsewhere.sort()).toEqual(Object.keys(RUN_ELSEWHERE).sort())
})

test('every script that is named is there', () => {
  const names = pages.flatMap(({ text }) => [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name))
  const { scripts }: { scripts: object } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  expect(names).toContain('demo')
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(names))
})

test.each(Object.entries(RUN_ELSEWHERE).flatMap(([command, proofs]) => proofs.map(proof => [command, ...proof])))(
  '%s: %s',
  (_, file = '', words = '') => {
    expect(readFileSync(join(root, file), 'utf8')).toContain(words)
  },
)

test("the README's walk: an order that fails, replayed, kept as a test, repaired", { timeout: 180_000 }, async () => {
  const { folder, start } = await installPackage(['hono', 'wrangler', 'vitest'])
  const command = (beginning: string) => commandOf('README.md', beginning)
  const [code = ''] = readPage('README.md').snippets.map(({ code }) => code)
  await writeFile(join(folder, 'index.ts'), code)

  const inbox = start(`${command('npx replaystack inbox')} --port 0`)
  const endpoint = await inbox.waitFor(/^REPLAYSTACK_ENDPOINT=(\S+)$/m)
  expect([await start(command('printf ').replace('http://127.0.0.1:4319', endpoint)).ended]).toEqual([0])
  const port = await freePort()
  const url = `http://localhost:${port}`
  const quiet = { WRANGLER_SEND_METRICS: 'false', CLOUDFLARE_CF_FETCH_ENABLED: 'false', CI: 'true', APP_URL: url }
  const worker = start(`${command('npx wrangler dev ')} --port ${port} --inspector-port 0`, quiet)
  await worker.waitFor(/Ready on/)

  const curl = command('curl ').replace('http://localhost:8787', url)
  const order = start(curl)
  expect(await order.ended).toBe(0)
  expect(order.output()).toMatch(/^HTTP\/1\.1 500 /m)
  const id = await order.waitFor(/^x-trace-id: (\S+)/im)
  await inbox.waitFor(/\/orders +500 failed/)

  const ask = (line: string) => `${line.replace('ID', id)} --inbox ${endpoint}`
  const replayed = start(ask(command('npx replaystack replay ')))
  await replayed.waitFor(/The answers are the same: status and body\./)
  expect(await replayed.ended).toBe(0)
  const kept = start(ask(command('npx replaystack test ')))
  expect([await kept.ended, kept.output()]).toEqual([0, expect.stringContaining('order.test.ts')])

  const failing = start(command('npx vitest run '), quiet)
  expect([await failing.ended, failing.output()]).toEqual([1, expect.stringContaining('500')])
  const repaired = code.replace('order.items[0].sku', 'order.items[0]?.sku ?? null')
  await writeFile(join(folder, 'index.ts'), repaired)
  await vi.waitUntil(
    async () =>
      start(curl)
        .waitFor(/^HTTP\/1\.1 201 /m)
        .catch(() => false),
    { timeout: 60_000, interval: 500 },
  )
  const passing = start(command('npx vitest run '), quiet)
  expect([await passing.ended, passing.output()]).toEqual([0, expect.stringContaining('1 passed')])
})

test('the other pages: an Express server, its requests replayed and kept, and a bundled Lambda function', {
  timeout: 180_000,
}, async () => {
  const project = await installPackage(['express', 'esbuild'])
  const { folder, start } = project

  // Stands in for the desktop.
  await mkdir(join(folder, 'bin'))
  for (const name of ['xdg-open', 'open']) {
    await writeFile(join(folder, 'bin', name), '#!/bin/sh\necho "$1" > opened\n', { mode: 0o755 })
  }
  const inbox = start(`${commandOf('docs/inbox.md', 'npx replaystack inbox --db ')} --port 0`)
  const endpoint = await inbox.waitFor(/^REPLAYSTACK_ENDPOINT=(\S+)$/m)
  await inbox.waitFor(/^REPLAYSTACK_API_KEY=/m)
  expect(existsSync(join(folder, 'events.db'))).toBe(true)
  const opened = await vi.waitUntil(
    () => existsSync(join(folder, 'opened')) && readFileSync(join(folder, 'opened'), 'utf8'),
    { timeout: 60_000 },
  )
  expect(opened.trim()).toBe(endpoint)

  const tail = start(`${commandOf('docs/inbox.md', 'npx replaystack tail ')} --inbox ${endpoint}`)
  await tail.waitFor(/^Following /m)

  await copyInto(project, 'examples/express/main.ts', 'main.ts')
  const port = await freePort()
  const app = start(commandOf('docs/hosts/express.md', 'REPLAYSTACK_API_KEY=').replaceAll('…', 'example'), {
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
  const issues = start(`${commandOf('docs/inbox.md', 'npx replaystack issues')} --inbox ${endpoint}`)
  expect([await issues.ended, issues.output()]).toEqual([0, expect.stringContaining('RangeError')])

  const id = hello.headers.get('x-trace-id') ?? ''
  const hermetic = commandOf('docs/replay-and-tests.md', 'npx replaystack replay ID --hermetic').replace('ID', id)
  const replayed = start(`${hermetic.replace(' --hermetic', '')} --to ${url} --inbox ${endpoint}`)
  await replayed.waitFor(/The answers are the same: status and body\./)
  expect(await replayed.ended).toBe(0)
  // It records no calls, so there is nothing to play back to it.
  const refused = start(`${hermetic} --to ${url} --inbox ${endpoint}`)
  expect([await refused.ended, refused.output()]).toEqual([2, expect.stringContaining('recordCalls: tapeRecorder()')])

  const gate = commandOf('docs/replay-and-tests.md', 'npx replaystack replay --query ').replace(
    'http://127.0.0.1:8787',
    url,
  )
  const gated = start(`${gate} --inbox ${endpoint}`)
  expect([await gated.ended, gated.output()]).toEqual([0, expect.stringContaining('1 same, 0 different')])
  expect(readFileSync(join(folder, 'replays.xml'), 'utf8')).toContain('failures="0"')

  const compare = commandOf('docs/replay-and-tests.md', 'npx replaystack compare ').replaceAll('ID', id)
  const compared = start(`${compare} --inbox ${endpoint}`)
  expect([await compared.ended, compared.output()]).toEqual([0, expect.stringContaining('Nothing differs')])

  const exported = start(
    `${commandOf('docs/replay-and-tests.md', 'npx replaystack export ').replace('ID', id)} --inbox ${endpoint}`,
  )
  expect([await exported.ended, exported.output()]).toEqual([0, 'Written: order.har\n'])

  await mkdir(join(folder, 'dist'))
  await writeFile(join(folder, 'dist/a.js.map'), '{"version":3,"sources":["../a.ts"],"names":[],"mappings":"AAAA"}')
  const uploaded = start(`${commandOf('docs/inbox.md', 'npx replaystack sourcemaps upload ')} --to ${endpoint}`)
  expect([await uploaded.ended, uploaded.output()]).toEqual([0, expect.stringContaining('has 1 source map: 1 sent')])

  const keepBy = (beginning: string) =>
    start(`${commandOf('docs/replay-and-tests.md', beginning).replace('ID', id)} --force --inbox ${endpoint}`)
  await writeFile(join(folder, 'wrangler.jsonc'), '{ "name": "orders", "main": "main.ts" }')
  const harnessed = keepBy('npx replaystack test ID --harness ')
  expect([await harnessed.ended, harnessed.output()]).toEqual([0, expect.stringContaining('order.worker.ts')])
  expect(readFileSync(join(folder, 'order.worker.ts'), 'utf8')).toContain("import worker from './main.js'\n")
  const kept = keepBy('npx replaystack test ID --app ')
  expect([await kept.ended, kept.output()]).toEqual([0, expect.stringContaining('order.test.ts')])
  expect(readFileSync(join(folder, 'order.test.ts'), 'utf8')).toContain("from 'vitest'")

  await copyInto(project, 'examples/lambda/http.ts', 'http.ts')
  const built = start(commandOf('docs/hosts/aws-lambda.md', 'npx esbuild '))
  expect([await built.ended, built.output()]).toEqual([0, expect.stringContaining('http.mjs')])
  const { handler }: { handler: unknown } = await import(pathToFileURL(join(folder, 'http.mjs')).href)
  expect(handler).toBeTypeOf('function')
})
