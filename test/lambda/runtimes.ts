/**
 * The runtimes that run a handler as Lambda does: those of `javascript/`, or AWS's own runtime interface clients, which have
 * to be compiled, where `LAMBDA_CLIENTS=aws` (`npm run test:lambda`).
 */
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { bundleEntry } from '../package/bundle-entry.ts'
import { nodeBinary } from '../support/legs/hosts.ts'
import { type OpenIngest, openIngest } from '../workerd/open-inbox.ts'
import { type RuntimeApi, startRuntimeApi } from './runtime-api.ts'

const folderOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** A runtime: a Node, and the client in it. */
export interface Runtime {
  node: string
  /** What runs a handler, given its name. */
  command: (handler: string) => string[]
}

const inJavaScript = (file: string): Runtime => ({
  node: process.execPath,
  command: () => [folderOf(`javascript/${file}.ts`)],
})
const isAws = process.env['LAMBDA_CLIENTS'] === 'aws'

/** The runtime of Node 24. */
export const NODE_24: Runtime = isAws
  ? { node: process.execPath, command: () => [folderOf('runtime/node_modules/aws-lambda-ric/index.mjs')] }
  : inJavaScript('node-24')

/** The runtime of Node 20, the last that takes handlers with a callback. */
export const NODE_20: Runtime = isAws
  ? {
      node: nodeBinary('node-20'),
      command: handler => [folderOf('runtime-20/node_modules/aws-lambda-ric/bin/index.mjs'), handler],
    }
  : inJavaScript('node-20')

/** An environment of a function's, as Lambda makes one for its invocations. */
export interface Environment {
  api: RuntimeApi
  ingest: OpenIngest
  /** Stops all that runs in it, as Lambda does between invocations. */
  freeze(): void
  thaw(): void
  /** Settles with the exit code. */
  exited: Promise<number | null>
  /** All that was printed. */
  output(): string
}

/** Each file that was asked for, bundled once. */
const bundles = new Map<string, Promise<string>>()

/** A file of handlers with the SDK's own source, as a deployment has them. */
function bundleHandlers(source: string): Promise<string> {
  const alias = { '@replaystack/edge/lambda': './src/adapters/lambda/index.ts' }
  const bundled =
    bundles.get(source) ?? bundleEntry(source, { platform: 'node', target: 'node20', alias }).then(({ code }) => code)
  bundles.set(source, bundled)
  return bundled
}

/**
 * Starts a runtime with one of the handlers in a file, until the test is over.
 * @param source default `handlers.ts`
 */
export async function startEnvironment(
  runtime: Runtime,
  handler: string,
  variables: Record<string, string> = {},
  source = 'test/lambda/handlers.ts',
): Promise<Environment> {
  const [code, ingest, api, folder] = await Promise.all([
    bundleHandlers(source),
    openIngest(),
    startRuntimeApi(),
    mkdtemp(join(tmpdir(), 'replaystack-lambda-')),
  ])
  await writeFile(join(folder, 'index.mjs'), code)
  const unsubscribe = ingest.inbox.feed.subscribe(() => api.order.push('event'))
  const child = spawn(runtime.node, runtime.command(`index.${handler}`), {
    cwd: folder,
    env: {
      AWS_LAMBDA_RUNTIME_API: api.address,
      LAMBDA_TASK_ROOT: folder,
      _HANDLER: `index.${handler}`,
      AWS_LAMBDA_FUNCTION_NAME: 'shop-api',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
      AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/shop-api',
      AWS_LAMBDA_LOG_STREAM_NAME: '2026/11/22/[$LATEST]0',
      REPLAYSTACK_API_KEY: 'rs_live_lambda',
      REPLAYSTACK_ENDPOINT: ingest.url,
      ...variables,
    },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', text => (output += text))
  const exited = new Promise<number | null>(resolve => child.on('exit', resolve))
  onTestFinished(async () => {
    unsubscribe()
    child.kill('SIGKILL')
    await exited
    await rm(folder, { recursive: true, force: true })
  })
  return {
    api,
    ingest,
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    exited,
    output: () => output,
  }
}
