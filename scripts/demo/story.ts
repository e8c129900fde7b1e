import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildPackage, requireBuild } from './build-package.ts'
import type { Child } from './child-process.ts'
import type { Cleanup } from './cleanup.ts'
import { compareEvents, countEvents } from './compare-events.ts'
import { findWorkerd } from './find-workerd.ts'
import type { DemoOptions } from './options.ts'
import { printEvents } from './print-events.ts'
import { waitForEvents } from './read-events.ts'
import type { Screen } from './screen.ts'
import { createSecrets, findLeaks, readStoreFiles } from './secrets.ts'
import { describeSent, sendTraffic } from './send-traffic.ts'
import { startInbox } from './start-inbox.ts'
import { startWorker } from './start-worker.ts'
import { createTraffic, listSecrets } from './traffic.ts'

const DATABASE = 'events.db'

/** How the demo went. */
export interface Story {
  /** Whether every event arrived and no secret did. */
  passed: boolean
  inbox: string
  worker: string
  /** The beginning of the failed event's id. */
  failed: string
  /** What runs on. */
  children: { name: string; child: Child }[]
}

/** The demo from the build to the checks. */
export async function tellStory(
  { inboxPort, workerPort, plant, build }: DemoOptions,
  { screen, cleanup, interrupted }: { screen: Screen; cleanup: Cleanup; interrupted: AbortSignal },
): Promise<Story> {
  const workerd = findWorkerd()
  if (build) await screen.step('Building the package', 'The package is built', () => buildPackage(cleanup))
  else requireBuild()

  const folder = mkdtempSync(join(tmpdir(), 'replaystack-demo-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  cleanup.add({ politely: remove, atOnce: remove })

  const inbox = await screen.step(
    'Starting the inbox',
    ({ url }) => `The inbox listens on ${url}`,
    () => startInbox(inboxPort, join(folder, DATABASE), cleanup),
  )
  const secrets = createSecrets()
  const variables = {
    REPLAYSTACK_API_KEY: secrets.apiKey,
    REPLAYSTACK_ENVIRONMENT: 'development',
    REPLAYSTACK_ENDPOINT: inbox.url,
    REPLAYSTACK_INGEST_URL: `${inbox.url}/api/v1/ingest/events`,
  }
  const worker = await screen.step(
    'Starting the example Worker',
    ({ url }) => `The Worker listens on ${url} (workerd ${workerd})`,
    () => startWorker({ port: workerPort, variables, folder, cleanup }),
  )

  const traffic = createTraffic(secrets, plant)
  const sent = await screen.step('Sending traffic', `${traffic.length} requests get a response`, () =>
    sendTraffic(worker.url, traffic, interrupted),
  )
  for (const item of sent) screen.print(`      ${screen.paint('dim', describeSent(item))}`)
  const events = await screen.step(
    'Waiting for the events',
    ({ length }) => `${length} events are in the inbox`,
    () => waitForEvents(inbox.url, countEvents(traffic), interrupted),
  )

  printEvents(events, screen)

  screen.heading('What was checked')
  const { arrived, problems } = compareEvents(sent, events)
  screen.check(problems.length === 0, `${arrived} of ${countEvents(traffic)} events arrived`)
  for (const problem of problems) screen.print(`      ${problem}`)

  const planted = [...listSecrets(secrets, plant), ...sent.flatMap(item => item.secrets)]
  const texts = [
    ...readStoreFiles(folder, DATABASE),
    // In the file a long event lies in pieces, and a secret may be split between two.
    ...events.map(({ summary, json }) => ({ place: `the event of ${summary.endpoint}`, text: json })),
  ]
  const leaks = findLeaks(planted, texts, 'replaystack-demo')
  const leaked = new Set(leaks.map(({ secret }) => secret)).size
  screen.check(leaked === 0, `${leaked} of ${planted.length} planted secrets found in the store`)
  for (const { secret, place } of leaks) screen.print(`      ${secret.what} is in ${place}`)

  return {
    passed: problems.length === 0 && leaked === 0,
    inbox: inbox.url,
    worker: worker.url,
    failed: events.find(({ summary }) => summary.status === 'failed')?.summary.id.slice(0, 8) ?? '',
    children: [
      { name: 'The inbox', child: inbox.child },
      { name: 'The Worker', child: worker.child },
    ],
  }
}
