/**
 * Where the CPU time of a recorded `POST` of 1 KB goes in workerd, by Linux's `perf` (Debian: linux-perf), microseconds a request:
 * by what the process does, and by function of JavaScript, with what that calls of the runtime. `--app` names one of `apps/`. The
 * names are there because the bundle is not minified. Profiling itself costs a few percent.
 *
 *   npm run build && node bench/profile.mjs [--app replaystack] [--connections 16] [--seconds 8] [--functions 30]
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { settingsFor, YARDSTICKS } from './harness/catalogue.mjs'
import { leaveApplicationsCore } from './harness/cores.mjs'
import { startHelper } from './harness/helper.mjs'
import { cpuSecondsOf, prepareWorker } from './harness/serve.mjs'
import { table } from './harness/statistics.mjs'
import { untilQuiet } from './harness/verify.mjs'
import { drive, requireWrk } from './harness/wrk.mjs'

const { values } = parseArgs({
  options: {
    app: { type: 'string', default: 'replaystack' },
    connections: { type: 'string', default: '16' },
    seconds: { type: 'string', default: '8' },
    functions: { type: 'string', default: '30' },
  },
})
const connections = Number(values.connections)
const WARM_UP_SECONDS = 4

/** Samples a second: no divisor of what timers fire by. */
const FREQUENCY = 1999

/** What a sample belongs to: the first whose pattern is found in its stack, from the inside out. */
const PARTS = [
  ['collecting garbage', /CollectGarbage|Sweep|ConcurrentMark|Scaveng/],
  ['sockets', /entry_SYSCALL/],
  ['JavaScript, and what it calls of the runtime', /^JS:/m],
  ['waking JavaScript: locks, promises, microtasks', /IoContext|RunMicrotasks/],
  ['HTTP', /hyper|http/i],
  ['the event loop', /./],
]

/** A function of the bundle, whatever compiled it. */
const functionName = frame => /^JS:[*+^~]'?(\S*) \S*worker\.js/.exec(frame)?.[1]

function requirePerf() {
  if (spawnSync('perf', ['--version']).error) throw new Error('There is no perf: apt-get install -y linux-perf')
}

/** Stacks of one process for as long as `work` takes, innermost frame first, and its thread. */
async function sampleWhile(pid, work) {
  const folder = await mkdtemp(join(tmpdir(), 'replaystack-perf-'))
  try {
    const file = join(folder, 'perf.data')
    const args = ['record', '-q', '-F', String(FREQUENCY), '-e', 'cpu-clock', '-g', '-p', String(pid), '-o', file]
    const recorder = spawn('perf', args, { stdio: ['ignore', 'ignore', 'inherit'] })
    const result = await work()
    recorder.kill('SIGINT')
    await once(recorder, 'close')
    const { stdout, error } = spawnSync('perf', ['script', '-i', file, '-F', 'comm,ip,sym'], { maxBuffer: 2 ** 31 - 1 })
    if (error) throw error
    const samples = String(stdout)
      .split('\n\n')
      .map(block => block.trim().split('\n'))
      .filter(lines => lines.length > 1)
      .map(([thread, ...frames]) => ({
        thread: thread.trim(),
        frames: frames.map(frame => frame.trim().replace(/^[\da-f]+ /, '')),
      }))
    return { samples, result }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const add = (counts, name) => counts.set(name, (counts.get(name) ?? 0) + 1)

function countSamples(samples) {
  const [parts, own, inclusive] = [new Map(), new Map(), new Map()]
  for (const { thread, frames } of samples) {
    const stack = frames.join('\n')
    const [part] = thread.startsWith('V8')
      ? ['compiling and collecting beside it']
      : PARTS.find(([, has]) => has.test(stack))
    add(parts, part)
    const names = frames.map(functionName).filter(name => name !== undefined)
    if (names.length > 0) add(own, names[0] || '(anonymous)')
    for (const name of new Set(names)) add(inclusive, name || '(anonymous)')
  }
  return { parts, own, inclusive }
}

requireWrk()
requirePerf()
leaveApplicationsCore()
const yardstick = YARDSTICKS.find(({ name }) => name === values.app)
if (!yardstick)
  throw new Error(`There is no application "${values.app}": ${YARDSTICKS.map(({ name }) => name).join(', ')}`)
const ingest = await startHelper(new URL('harness/ingest.mjs', import.meta.url))
const v8Flags = ['--perf-basic-prof', '--interpreted-frames-native-stack']
const worker = await prepareWorker(values.app, settingsFor(yardstick, await ingest.ask('url')), {
  minify: false,
  v8Flags,
})
const { url, pid, stop } = await worker.start()
await drive({ url, connections, seconds: WARM_UP_SECONDS })
const { samples, result } = await sampleWhile(pid, async () => {
  const before = await cpuSecondsOf(pid)
  const { answered } = await drive({ url, connections, seconds: Number(values.seconds) })
  await untilQuiet(ingest)
  return { answered, microseconds: (((await cpuSecondsOf(pid)) - before) * 1e6) / answered }
})
const micros = count => ((count * 1e6) / FREQUENCY / result.answered).toFixed(1)
const byCount = counts => [...counts].sort(([, one], [, other]) => other - one)
const { parts, own, inclusive } = countSamples(samples)
console.log(`${values.app}, ${connections} connections: ${Math.round(result.microseconds)} µs of CPU a request\n`)
console.log(
  `${table(
    ['what', 'µs'],
    byCount(parts).map(([name, count]) => [name, micros(count)]),
  )}\n`,
)
const functions = byCount(inclusive).slice(0, Number(values.functions))
console.log(
  table(
    ['function', 'µs, with what it calls', 'µs, without other functions'],
    functions.map(([name, count]) => [name, micros(count), micros(own.get(name) ?? 0)]),
  ),
)
await stop()
await worker.remove()
await rm(`/tmp/perf-${pid}.map`, { force: true })
await ingest.stop()
