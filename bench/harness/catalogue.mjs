/** Every application that is measured. The first is what all others are compared with. */
import { readFileSync } from 'node:fs'

/**
 * @typedef {object} Yardstick
 * @property {string} name `apps/<name>.mjs`
 * @property {string} title as tables show it
 * @property {string} [wire] whose API its events go to: a name of `wires.mjs`
 * @property {string} [package] the peer's folder in `node_modules`
 * @property {{ file?: string, preload?: string } | string} [node] its file for Node, where it has one of its own; or why it cannot run there
 * @property {number} [keeps] events that it holds back for want of more
 * @property {string} [note] what a reader must know
 */

const WORKERS_ONLY = 'made for Workers alone.'

/** @type {readonly Yardstick[]} */
export const YARDSTICKS = [
  { name: 'bare', title: 'bare' },
  { name: 'hand-written', title: 'hand-written', wire: 'replaystack' },
  {
    name: 'hand-written-batched',
    title: 'hand-written, 20 a POST',
    wire: 'replaystack',
    keeps: 19,
    note: 'keeps up to 19 events until the next request',
  },
  { name: 'replaystack', title: '**ReplayStack**', wire: 'replaystack' },
  { name: 'replaystack-one-a-post', title: '**ReplayStack, one event a POST**', wire: 'replaystack' },
  {
    name: 'sentry-cloudflare',
    title: '@sentry/cloudflare',
    wire: 'sentry',
    package: 'sentry-cloudflare-11',
    node: WORKERS_ONLY,
  },
  {
    name: 'sentry-hono',
    title: '@sentry/hono',
    wire: 'sentry',
    package: '@sentry/hono',
    node: { file: 'sentry-hono-node', preload: 'sentry-hono-instrument' },
    note: 'takes the last version 10 of @sentry/cloudflare and @sentry/node',
  },
  {
    name: 'toucan',
    title: 'toucan-js',
    wire: 'sentry',
    package: 'toucan-js',
    node: WORKERS_ONLY,
    note: 'the request body is handed to it by the application',
  },
  {
    name: 'evlog',
    title: 'evlog',
    wire: 'axiom',
    package: 'evlog',
    note: 'the headers are copied by an `enrich` hook',
  },
  {
    name: 'otel',
    title: '@microlabs/otel-cf-workers',
    wire: 'otlp',
    package: '@microlabs/otel-cf-workers',
    node: WORKERS_ONLY,
  },
  {
    name: 'posthog',
    title: 'posthog-node',
    wire: 'posthog',
    package: 'posthog-node',
    note: 'records nothing itself: sends the hand-written event',
  },
  {
    name: 'axiom',
    title: '@axiomhq/js',
    wire: 'axiom',
    package: '@axiomhq/js',
    note: 'records nothing itself: sends the hand-written event',
  },
]

const manifest = path => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'))

/** The version of a package, from here or from the package that is measured. */
export function installed(name) {
  try {
    return manifest(`../node_modules/${name}/package.json`).version
  } catch {
    return manifest(`../../node_modules/${name}/package.json`).version
  }
}

/** The version that is measured: the peer's, or this package's; none of what is written by hand. */
export function versionOf({ name, package: peer }) {
  if (peer) return installed(peer)
  return name.startsWith('replaystack') ? manifest('../../package.json').version : ''
}

/** Why an application cannot run on a runtime; nothing where it can. */
export const unfitFor = ({ node }, runtime) => (runtime === 'node' && typeof node === 'string' ? node : undefined)

/** The settings that every application is given, by the names that its SDK reads. */
export function settingsFor({ name, wire }, ingest) {
  const url = `${ingest}/${wire}/${name}`
  return {
    INGEST: url,
    REPLAYSTACK_API_KEY: 'rs_test_bench',
    REPLAYSTACK_ENDPOINT: url,
    REPLAYSTACK_SERVICE_NAME: 'shop',
    SENTRY_DSN: `${url.replace('://', '://0123456789abcdef0123456789abcdef@')}/1`,
  }
}
