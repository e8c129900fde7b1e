import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { onTestFinished } from 'vitest'

/** The runtime's binary. The package has no types. */
const workerd: { default: string } = createRequire(import.meta.url)('workerd')

export interface WorkerSettings {
  compatibilityDate: string
  compatibilityFlags: readonly string[]
  bindings: Readonly<Record<string, string>>
  /** A certificate that it trusts besides, in PEM. */
  trusts?: string
  /** What the engine is told besides. */
  engineFlags?: readonly string[]
}

export interface ServedWorker {
  url: string
  pid: number
  /** Runs its `scheduled` handler; rejects when that fails. */
  runCron(cron: string): Promise<void>
  /** Ends it once it has nothing left to do, and answers all that it wrote. */
  stop(): Promise<string>
}

/** Asks the Worker for a cron run, which no request from outside can. */
const DRIVER = `export default {
  async fetch(request, { worker }) {
    const { outcome } = await worker.scheduled({ cron: await request.text(), scheduledTime: new Date() })
    return new Response(outcome)
  },
}`

const text = (value: string): string => JSON.stringify(value)

function configuration({
  compatibilityDate,
  compatibilityFlags,
  bindings,
  trusts,
  engineFlags = [],
}: WorkerSettings): string {
  const tls = trusts ? `, tlsOptions = (trustedCertificates = [${text(trusts)}])` : ''
  const texts = Object.entries(bindings).map(([name, value]) => `(name = ${text(name)}, text = ${text(value)})`)
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "worker", worker = (
      modules = [(name = "worker.js", esModule = embed "worker.js")],
      compatibilityDate = ${text(compatibilityDate)},
      compatibilityFlags = [${compatibilityFlags.map(text).join(', ')}],
      bindings = [${texts.join(', ')}],
    )),
    (name = "driver", worker = (
      modules = [(name = "driver.js", esModule = embed "driver.js")],
      compatibilityDate = "2026-01-01",
      compatibilityFlags = ["service_binding_extra_handlers"],
      bindings = [(name = "worker", service = "worker")],
    )),
    (name = "internet", network = (allow = ["local"]${tls})),
  ],
  v8Flags = [${engineFlags.map(text).join(', ')}],
  sockets = [
    (name = "worker", address = "127.0.0.1:0", http = (), service = "worker"),
    (name = "driver", address = "127.0.0.1:0", http = (), service = "driver"),
  ],
);`
}

/**
 * Serves a Worker in the runtime itself: no test pool, no Node compatibility but what the flags say.
 * @param onFinished where the test that it is for does not run alone, its own
 * @throws with workerd's log, where it does not start
 */
export async function serveWorker(
  code: string,
  settings: WorkerSettings,
  onFinished: typeof onTestFinished = onTestFinished,
): Promise<ServedWorker> {
  const folder = await mkdtemp(join(tmpdir(), 'replaystack-workerd-'))
  // Called in reverse: it ends before its folder goes.
  onFinished(() => rm(folder, { recursive: true, force: true }))
  const files = { 'worker.js': code, 'driver.js': DRIVER, 'config.capnp': configuration(settings) }
  await Promise.all(Object.entries(files).map(([name, content]) => writeFile(join(folder, name), content)))
  const child = spawn(
    workerd.default,
    ['serve', join(folder, 'config.capnp'), '--verbose', '--experimental', '--control-fd=3'],
    {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    },
  )
  const closed = new Promise<void>(resolve => child.once('close', () => resolve()))
  onFinished(async () => {
    child.kill('SIGKILL')
    await closed
  })
  let log = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (more: string) => {
      log += more
    })
  }
  const { worker, driver } = await listeningPorts(child.stdio[3] as Readable)
  if (!worker || !driver) {
    await closed
    throw new Error(`workerd did not start:\n${log}`)
  }
  return {
    url: `http://127.0.0.1:${worker}`,
    pid: child.pid ?? 0,
    async runCron(cron) {
      const answer = await fetch(`http://127.0.0.1:${driver}`, { method: 'POST', body: cron })
      const outcome = await answer.text()
      if (outcome !== 'ok') throw new Error(`The cron run ended with ${outcome}.`)
    },
    async stop() {
      child.kill('SIGTERM')
      await closed
      return log
    },
  }
}

/** The ports workerd chose, by socket, as soon as both are open; fewer where it ends before. */
async function listeningPorts(control: Readable): Promise<Record<string, number>> {
  const ports: Record<string, number> = {}
  let written = ''
  for await (const chunk of control) {
    written += chunk
    const lines = written.split('\n')
    written = lines.pop() ?? ''
    for (const line of lines) {
      const message: { event: string; socket: string; port: number } = JSON.parse(line)
      if (message.event === 'listen') ports[message.socket] = message.port
    }
    if (ports['worker'] && ports['driver']) break
  }
  return ports
}
