/** A team's inbox in real workerd, and Workers beside it. */

import { definitions } from '../../build/entries.ts'
import { definePageAssets } from '../../build/page-assets.ts'
import { bundleEntry } from '../package/bundle-entry.ts'
import { moduleOf, type RunningMiniflare, startMiniflare, type V4WorkerOptions } from '../workerd/start-miniflare.ts'

export const ADMIN_TOKEN = 'an-admin-token-of-a-test-0123456789'

const codes = new Map<string, Promise<string>>()

function bundleInbox(entry: string): Promise<string> {
  const define = { ...definitions, ...definePageAssets() }
  const code = codes.get(entry) ?? bundleEntry(entry, { define }).then(bundled => bundled.code)
  codes.set(entry, code)
  return code
}

export interface InboxSetup {
  /** What the Worker is. @default the one that is published */
  entry?: string
  /** Variables of the Worker's, beside the admin token. */
  variables?: Record<string, string>
}

export interface TeamInbox extends RunningMiniflare {
  url: string
  /** Sends a request with a token. */
  ask(path: string, options?: RequestInit & { token?: string }): Promise<Response>
  /** Makes a project, and resolves to its key. */
  addProject(project: string): Promise<string>
}

/** @param others Workers of the same account; `{ service: 'inbox' }` binds one to the inbox */
export async function startTeamInbox(
  others: V4WorkerOptions[] = [],
  folder?: string,
  { entry = 'src/inbox/worker/index.ts', variables }: InboxSetup = {},
): Promise<TeamInbox> {
  const running = await startMiniflare(
    [
      {
        name: 'inbox',
        ...moduleOf(await bundleInbox(entry)),
        bindings: { ADMIN_TOKEN, ...variables },
        durableObjects: {
          PROJECTS: { className: 'InboxProject', useSQLite: true },
          DIRECTORY: { className: 'InboxDirectory', useSQLite: true },
        },
        r2Buckets: ['EVENT_BUCKET'],
        queueProducers: { EVENT_QUEUE: { queueName: 'replaystack-events' } },
        queueConsumers: {
          'replaystack-events': {
            maxBatchSize: 100,
            maxBatchTimeout: 0,
            maxRetries: 1,
            deadLetterQueue: 'replaystack-events-dead',
          },
          'replaystack-events-dead': { maxBatchSize: 100, maxBatchTimeout: 0 },
        },
      },
      ...others,
    ],
    folder === undefined ? {} : { resourcePersistencePath: folder },
  )
  const url = String(await running.miniflare.ready).replace(/\/$/, '')
  const ask: TeamInbox['ask'] = (path, { token = ADMIN_TOKEN, headers, ...options } = {}) =>
    fetch(url + path, { redirect: 'manual', ...options, headers: { authorization: `Bearer ${token}`, ...headers } })
  const addProject = async (project: string): Promise<string> => {
    const response = await ask('/api/v1/admin/projects', { method: 'POST', body: JSON.stringify({ project }) })
    const { data } = (await response.json()) as { data: { key: string } }
    return data.key
  }
  return { ...running, url, ask, addProject }
}
