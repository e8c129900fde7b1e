/** A test's side of a Worker that wrangler's `createTestHarness` runs. */
import { callMember, read } from '../safe-read.ts'
import { TapeError } from '../tape/player.ts'
import { type LoadedTape, playerOf } from './load-tape.ts'
import { CONTROL_URL, type Report, type Start } from './play-worker.ts'
import type { TestMessage, TestRequest, TestResponse } from './run-handler.ts'

/** What `createTestHarness` takes. */
export interface HarnessOptions {
  /** One Worker. */
  workers: {
    /** Its configuration. */
    config: HarnessConfig
  }[]
}

/** A Worker's configuration for a harness. It has more members, as wrangler's has them; bindings are none of them. */
export interface HarnessConfig {
  /** The Worker's name. */
  name: string
  /** The module that it runs. */
  main: string
}

/** What of a configuration says how a Worker is built and run. Everything else is bindings, or is about its deployment. */
const CONFIGURATION = [
  ...['compatibility_date', 'compatibility_flags', 'vars', 'rules', 'alias', 'define', 'build', 'tsconfig'],
  ...['jsx_factory', 'jsx_fragment', 'find_additional_modules', 'base_dir', 'preserve_file_names'],
]

/**
 * Options for wrangler's `createTestHarness`: the Worker of a configuration, with no binding of its own.
 * @param config what `unstable_readConfig` of wrangler returns
 * @param main the module that exports {@link playWorker}, from the folder that the tests run in
 */
export function harnessOptions(config: object, main: string): HarnessOptions {
  const kept = CONFIGURATION.map(name => [name, read(config, name)]).filter(([, value]) => value !== undefined)
  return {
    workers: [{ config: { ...Object.fromEntries(kept), name: String(read(config, 'name') ?? 'worker'), main } }],
  }
}

/** What `createTestHarness` returns, as far as {@link openHarness} uses it. */
export interface Harness {
  /** Starts the runtime. */
  listen(): Promise<unknown>
  /** The Worker that runs there. */
  getWorker(): HarnessWorker
}

/** A response of such a Worker. */
export interface HarnessResponse {
  /** Its status code. */
  readonly status: number
  /** Its headers. */
  readonly headers: Iterable<[string, string]>
  /** Reads its body. */
  text(): Promise<string>
}

/** A Worker as `createTestHarness` hands it over, as far as {@link openHarness} uses it. */
export interface HarnessWorker {
  /** Sends a request. */
  fetch(url: string, init: object): Promise<HarnessResponse>
  /** Calls `scheduled`. */
  scheduled(event: { cron: string; scheduledTime: Date }): Promise<unknown>
  /** Calls `email`. */
  email(event: { from: string; to: string; raw: string }): Promise<unknown>
  /** Its default export, which takes batches. */
  getExport(): Promise<unknown>
}

/** A Worker in the real runtime, whose outside is played back. What its handlers throw, these methods reject with. */
export interface HarnessedWorker {
  /** Sends a request, and reads the response. */
  request(request: TestRequest): Promise<TestResponse>
  /** Calls `scheduled`. @param scheduledTime ISO 8601 */
  scheduled(cron: string, scheduledTime: string): Promise<void>
  /** Calls `queue` with a batch. */
  queue(queue: string, messages: readonly TestMessage[]): Promise<void>
  /** Calls `email`, with a mail that has no text: no event has it. */
  email(from: string, to: string): Promise<void>
  /** As {@link LoadedTape.expectKnown}, once all that was given to `waitUntil` has settled. */
  expectKnown(): Promise<void>
  /** As {@link LoadedTape.expectUsed}, once all that was given to `waitUntil` has settled. */
  expectUsed(): Promise<void>
}

/**
 * Starts a Worker that `createTestHarness` of wrangler runs, and plays a tape in it.
 * @param server what `createTestHarness(harnessOptions(…))` returned; the test closes it
 * @param tape what {@link loadTape} returned
 * @param time what the Worker's clock says, ISO 8601
 */
export async function openHarness(server: Harness, tape: LoadedTape, time: string): Promise<HarnessedWorker> {
  const start: Start = { tape: playerOf(tape).tape, time }
  await server.listen()
  const worker = server.getWorker()
  await worker.fetch(CONTROL_URL, { method: 'POST', body: JSON.stringify(start) })
  return new Harnessed(worker, tape)
}

class Harnessed implements HarnessedWorker {
  readonly #worker: HarnessWorker
  readonly #tape: LoadedTape

  constructor(worker: HarnessWorker, tape: LoadedTape) {
    this.#worker = worker
    this.#tape = tape
  }

  async request({ url, ...init }: TestRequest): Promise<TestResponse> {
    const response = await this.#worker.fetch(url, { ...init, redirect: 'manual' })
    return { status: response.status, headers: new Headers([...response.headers]), body: await response.text() }
  }

  async scheduled(cron: string, scheduledTime: string): Promise<void> {
    await this.#expectOk(await this.#worker.scheduled({ cron, scheduledTime: new Date(scheduledTime) }))
  }

  async queue(queue: string, messages: readonly TestMessage[]): Promise<void> {
    const batch = messages.map(message => ({ ...message, timestamp: new Date(message.timestamp) }))
    await this.#expectOk(await callMember(await this.#worker.getExport(), 'queue', queue, batch))
  }

  async email(from: string, to: string): Promise<void> {
    const raw = `From: ${from}\r\nTo: ${to}\r\nMessage-ID: <kept@replaystack.invalid>\r\n\r\n`
    await this.#expectOk(await this.#worker.email({ from, to, raw }))
  }

  async expectKnown(): Promise<void> {
    // Of calls that the runtime itself let out.
    this.#tape.expectKnown()
    const { unknown } = await this.#settled()
    if (unknown !== undefined) throw new TapeError(unknown)
  }

  async expectUsed(): Promise<void> {
    await this.expectKnown()
    const { unused } = await this.#settled()
    if (unused !== undefined) throw new TapeError(unused)
  }

  async #settled(): Promise<Report> {
    for (;;) {
      const response = await this.#worker.fetch(CONTROL_URL, { method: 'GET' })
      const report: Report = JSON.parse(await response.text())
      if (report.pending === 0) return report
      await new Promise(resolve => setTimeout(resolve, 10))
    }
  }

  /** The runtime says no more than that a handler threw. */
  async #expectOk(result: unknown): Promise<void> {
    const outcome = read(result, 'outcome')
    if (outcome === 'ok') return
    const { thrown } = await this.#settled()
    if (!thrown) throw new Error(`The handler ended with the outcome ${String(outcome)}.`)
    const { name, message, stack } = thrown
    throw Object.assign(new Error(message), { name, stack })
  }
}
