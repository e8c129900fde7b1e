/**
 * An event kept as a test in a project of a stranger: recorded with a world around it, and run there by vitest without one,
 * red while the application is broken and green once it is repaired.
 */
import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import type { RunningInbox } from '../../src/inbox/local/server.ts'
import type { Tape } from '../../src/tape/format.ts'
import { root } from '../package/bundle-entry.ts'
import { type MakeProject, packForProjects } from '../support/fresh-project.ts'
import { type BuiltCommand, buildCommand } from './build-command.ts'
import { openInbox } from './open-inbox.ts'
import { runCommand } from './running-command.ts'

/** How a process ended. */
export interface Run {
  code: number
  output: string
}

function runIn(folder: string, args: readonly string[], env: Record<string, string> = {}): Promise<Run> {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(VITEST|NODE_OPTIONS|NODE_ENV|REPLAYSTACK)/.test(name),
  )
  return new Promise(resolve => {
    execFile(
      process.execPath,
      [...args],
      { cwd: folder, env: { ...Object.fromEntries(inherited), NO_COLOR: '1', ...env } },
      (error, stdout, stderr) => resolve({ code: error ? 1 : 0, output: stdout + stderr }),
    )
  })
}

/** Loopback is all that a test of a server needs; everything else, and the inbox, is refused. */
const NO_NETWORK = `import { vi } from 'vitest'
import net from 'node:net'
const { connect } = net.Socket.prototype
net.Socket.prototype.connect = function (...args) {
  const [options] = args.flat()
  if (options?.port === Number(process.env.INBOX_PORT)) throw new Error('the inbox was called')
  if (options?.host && !/^(127\\.0\\.0\\.1|localhost)$/.test(options.host)) throw new Error('the network was called')
  return Reflect.apply(connect, this, args)
}
`

const TSCONFIG = JSON.stringify({
  compilerOptions: {
    strict: true,
    noEmit: true,
    target: 'ES2022',
    module: 'NodeNext',
    moduleResolution: 'NodeNext',
    lib: ['ES2022', 'DOM', 'DOM.Iterable'],
    types: [],
    skipLibCheck: true,
    allowImportingTsExtensions: true,
  },
  include: ['*.ts'],
})

/** An event to keep. */
export interface ToKeep {
  /** The application, with its bug. */
  app: string
  /** Records it: a module that imports `app` and has the inbox in its environment, or what runs `app` elsewhere. */
  record: string | ((folder: string, inbox: RunningInbox) => Promise<void>)
  /** What repairs it. */
  repair: readonly [wrong: string, right: string]
  args?: readonly string[]
  env?: Record<string, string>
  /** In the output of the red test. */
  failure: string
  packages?: readonly string[]
  appFile?: string
  /** More files of the project. */
  files?: Record<string, string>
}

/** A kept event. */
export interface Kept {
  /** What the command printed. */
  stdout: string
  /** The test. */
  code: string
  tape: Tape
  /** Runs the test again, with these variables. */
  run(env: Record<string, string>): Promise<Run>
}

/** Keeps events in the tests of this file; the package is packed and the command built before them. */
export function keepEvents(): (options: ToKeep) => Promise<Kept> {
  const makeProject = packForProjects()
  let command: BuiltCommand | undefined
  beforeAll(async () => {
    command = await buildCommand()
  })
  afterAll(() => command?.remove())
  return async options => {
    if (!command) throw new Error('Events are kept in tests alone.')
    return await keep(makeProject, command, options)
  }
}

const WORLD = `
const rows = { first: async () => ({ id: 42, total: 1999, card_number: '4111111111111111' }), all: async () => ({ results: [] }), run: async () => ({}), raw: async () => [] }
const statement = { ...rows, bind: () => rows }
export const env = {
  KV: { get: async () => ({ rate: 0.19 }), getWithMetadata() {}, list() {}, put() {}, delete() {} },
  DB: { prepare: () => statement, batch() {}, exec() {} },
  QUEUE: { send: async () => {}, sendBatch() {} },
}
export const gateway = response => {
  const { fetch } = globalThis
  globalThis.fetch = async (input, init) =>
    String(input).startsWith('https://pay.example') ? Response.json(response) : fetch(input, init)
}
export const sent = () => new Promise(resolve => setTimeout(resolve, 300))
`

/** Records the event, keeps it, and runs it broken and repaired. */
async function keep(makeProject: MakeProject, command: BuiltCommand, options: ToKeep): Promise<Kept> {
  const { app, record, repair, args = [], env = {}, failure, packages = [], appFile = 'app.ts', files = {} } = options
  const inbox = await openInbox()
  const folder = await makeProject(
    {
      'package.json': '{ "private": true, "type": "module" }',
      [appFile]: app,
      ...(typeof record === 'string' && { 'record.mjs': record }),
      'world.mjs': WORLD,
      'no-network.mjs': NO_NETWORK,
      'vitest.config.mjs': "export default { test: { setupFiles: ['./no-network.mjs'] } }",
      'tsconfig.json': TSCONFIG,
      ...files,
    },
    ['vitest', 'typescript', ...packages],
  )
  if (typeof record === 'string') {
    const ending = await runIn(folder, ['record.mjs'], { REPLAYSTACK_API_KEY: 'k', REPLAYSTACK_ENDPOINT: inbox.url })
    expect(ending).toEqual({ code: 0, output: '' })
  } else await record(folder, inbox)
  const [event] = inbox.store.list({ status: 'failed' }).events
  const file = join(folder, 'kept.test.ts')
  const out = ['--out', file, ...(args.includes('--harness') ? [] : ['--app', join(folder, appFile)])]
  const running = runCommand(command.file, ['test', event?.id ?? '', '--inbox', inbox.url, ...out, ...args], [], folder)
  const { code } = await running.exit()
  expect({ code, stderr: running.stderr() }).toEqual({ code: 0, stderr: '' })
  const vitest = [join(root, 'node_modules/vitest/vitest.mjs'), 'run']
  const port = { INBOX_PORT: new URL(inbox.url).port }
  const red = await runIn(folder, vitest, { ...port, ...env })
  expect(red).toMatchObject({ code: 1, output: expect.stringContaining(failure) })
  expect(red.output).not.toContain('REPLAYSTACK_API_KEY')
  writeFileSync(join(folder, appFile), app.replace(...repair))
  const green = await runIn(folder, vitest, { ...port, ...env })
  expect(green).toMatchObject({ code: 0, output: expect.stringContaining('1 passed') })
  const types = await runIn(folder, [join(root, 'node_modules/typescript/bin/tsc'), '-p', '.'])
  expect(types.output.split('\n').filter(line => /^kept\.(test|worker)\.ts/.test(line))).toEqual([])
  const run = (given: Record<string, string>) => runIn(folder, vitest, { ...port, ...given })
  const tape: Tape = JSON.parse(readFileSync(join(folder, 'kept.tape.json'), 'utf8'))
  return { stdout: running.stdout(), code: readFileSync(file, 'utf8'), tape, run }
}
