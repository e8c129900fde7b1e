/** An application on a runtime: `{ url, pid, stop }`, and `heap` where it can tell. */
import { rmSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundleForNode, bundleWorker } from './bundle.mjs'
import { onOwnCore } from './cores.mjs'
import { end, run, startHelper } from './helper.mjs'

const { default: workerd } = createRequire(import.meta.url)('workerd')

/** One date for all. From 2026-08-04 on it brings Node's modules, which most peers need. */
export const COMPATIBILITY_DATE = '2026-10-01'

/** Of Workers that were built, to be gone however this ends. */
const folders = new Set()

process.on('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

const text = value => JSON.stringify(value)

function configuration(settings, v8Flags) {
  const bindings = Object.entries(settings).map(([name, value]) => `(name = ${text(name)}, text = ${text(value)})`)
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  v8Flags = [${v8Flags.map(text).join(', ')}],
  services = [
    (name = "worker", worker = (
      modules = [(name = "worker.js", esModule = embed "worker.js")],
      compatibilityDate = ${text(COMPATIBILITY_DATE)},
      bindings = [${bindings.join(', ')}],
    )),
    (name = "internet", network = (allow = ["local"])),
  ],
  sockets = [(name = "worker", address = "127.0.0.1:0", http = (), service = "worker")],
);`
}

/** The port that workerd chose; nothing where it ends before. */
async function portOf(control) {
  let written = ''
  for await (const chunk of control) {
    written += chunk
    const line = written.split('\n').find(one => one.includes('"listen"'))
    if (line) return JSON.parse(line).port
  }
}

/**
 * Builds a Worker. What is returned starts it, as often as wanted: `spawnedAt` and `listeningAt` tell how long that took.
 * @param how.minify see {@link bundleWorker}
 * @param how.v8Flags of the engine, for a profile
 */
export async function prepareWorker(name, settings, { minify, v8Flags = [] } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'replaystack-bench-'))
  folders.add(folder)
  await writeFile(join(folder, 'worker.js'), await bundleWorker(name, { minify }))
  await writeFile(join(folder, 'config.capnp'), configuration(settings, v8Flags))
  async function start() {
    const spawnedAt = performance.now()
    // What the engine logs for a profile goes where the Worker is.
    const [file, args] = onOwnCore(workerd, ['serve', join(folder, 'config.capnp'), '--control-fd=3'])
    const child = run(file, args, v8Flags.length > 0 ? { cwd: folder } : {})
    const port = await portOf(child.stdio[3])
    const listeningAt = performance.now()
    if (!port) {
      await child.ended
      throw new Error(`workerd did not start:\n${child.log}`)
    }
    return { url: `http://127.0.0.1:${port}`, pid: child.pid, child, spawnedAt, listeningAt, stop: () => end(child) }
  }
  return { start, remove: () => rm(folder, { recursive: true, force: true }) }
}

export async function serveOnWorkers({ name }, settings) {
  const { start, remove } = await prepareWorker(name, settings)
  const served = await start().finally(remove)
  return served
}

/** `@hono/node-server` in a process of its own. A peer that has to come before the application is loaded first. */
export async function serveOnNode({ name, node = {} }, settings) {
  const module = await bundleForNode(`apps/${node.file ?? name}`)
  const preload = node.preload ? ['--import', await bundleForNode(`apps/${node.preload}`)] : []
  const helper = await startHelper(new URL('node-host.mjs', import.meta.url), {
    args: [module],
    env: { ...settings, NODE_ENV: 'production' },
    execArgv: preload,
    ownCore: true,
  })
  const url = await helper.ask('url')
  return { url, pid: helper.child.pid, child: helper.child, heap: () => helper.ask('heap'), stop: helper.stop }
}

/** CPU seconds that a process has used; none where the system does not tell. */
export async function cpuSecondsOf(pid) {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // User and system time, in ticks of 10 ms.
  return stat ? (Number(fields[11]) + Number(fields[12])) / 100 : Number.NaN
}

/** The most memory that a process has held so far, in MB; none where the system does not tell. */
export async function peakMegabytesOf(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(status.match(/VmHWM:\s+(\d+) kB/)?.[1] ?? Number.NaN) / 1024
}
