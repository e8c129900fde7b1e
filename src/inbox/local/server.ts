import { createServer, type Server } from 'node:http'
import { getRequestListener, RequestError } from '@hono/node-server'

import { EventFeed } from '../event-feed.ts'
import { InboxError } from '../inbox-error.ts'
import { isLoopbackHost } from '../loopback.ts'
import type { EventStore } from '../store.ts'
import { createMemoryBucket } from '../uploaded-maps/map-bucket.ts'
import { openReleases } from '../uploaded-maps/release.ts'
import { findSourceMaps, joinSourceMaps } from './find-source-maps.ts'
import { createFolderBucket } from './folder-bucket.ts'
import { createLocalInboxApp } from './local-app.ts'
import { createEditorLinks, type EditorName } from './local-editor.ts'
import { openSourceMaps } from './open-source-maps.ts'
import { openSqliteStore } from './sqlite-store.ts'

export interface StartInboxOptions {
  /** 0 takes a free one. @default 0 */
  port?: number | undefined
  /** Where the events are kept. @default in memory */
  file?: string | undefined
  /** Events that are kept; the oldest go first. @default 100000 */
  maxEvents?: number | undefined
  /** A folder with the source maps of what sends events. */
  sourceMaps?: string | undefined
  /** A project's folder, whose source maps are found by themselves. @default frames are kept as they came */
  project?: string | undefined
  /** The editor that stack frames of the project open in. @default 'vscode' */
  editor?: EditorName | undefined
  /** The only API key that ingest takes. @default any key */
  key?: string | undefined
  /** A loopback address: nothing else is ever listened on. @default '127.0.0.1' */
  host?: string | undefined
  /** Told of what went wrong inside. */
  onError?: ((error: Error) => void) | undefined
}

/** An inbox that listens. */
export interface RunningInbox {
  /** Without a trailing slash: `http://127.0.0.1:4319`. */
  url: string
  port: number
  store: EventStore
  feed: EventFeed
  /** Ends every connection, then closes the store. May be called twice. */
  close(): Promise<void>
}

/** The port is taken by another program. */
export class PortInUseError extends InboxError {
  override name = 'PortInUseError'

  constructor(port: number, options?: ErrorOptions) {
    super(`Port ${port} is already in use`, options)
  }
}

/**
 * Starts an inbox on this machine's loopback address.
 *
 * @throws {@link PortInUseError}, StoreFileError, SqliteUnavailableError; InboxError when the address cannot be
 * listened on for another reason, or `sourceMaps` is no folder; TypeError when `host` is not a loopback address
 * @example
 * const inbox = await startInbox()
 * const client = createReplayStackClient({ apiKey: 'any', endpoint: inbox.url })
 */
export async function startInbox({
  port = 0,
  file,
  maxEvents,
  sourceMaps,
  project,
  editor = 'vscode',
  key,
  host = '127.0.0.1',
  onError,
}: StartInboxOptions = {}): Promise<RunningInbox> {
  const urlHost = host.includes(':') ? `[${host}]` : host
  if (!isLoopbackHost(urlHost)) throw new TypeError(`host must be a loopback address, got ${host}`)
  const mapsOptions = { onProblem: onError }
  const maps = joinSourceMaps([
    ...(sourceMaps === undefined ? [] : [openSourceMaps(sourceMaps, mapsOptions)]),
    ...(project === undefined ? [] : [findSourceMaps(project, mapsOptions)]),
  ])
  const editorLinks = project === undefined ? undefined : createEditorLinks(project, editor)
  const store = openSqliteStore({ file, maxEvents, onDamage: onError })
  const feed = new EventFeed()
  // Uploaded maps are kept as long as events are.
  const releases = openReleases(file === undefined ? createMemoryBucket() : createFolderBucket(`${file}.sourcemaps`))
  const { fetch } = createLocalInboxApp({ store, feed, key, sourceMaps: maps, releases, editor: editorLinks, onError })
  const server = createServer(
    getRequestListener(fetch, {
      // The program that starts an inbox keeps its own Request and Response.
      overrideGlobalObjects: false,
      errorHandler: answerError,
    }),
  )
  try {
    await listen(server, port, host)
  } catch (error) {
    store.close()
    throw error
  }
  const address = server.address()
  const openPort = typeof address === 'object' && address ? address.port : port
  let closed: Promise<void> | undefined
  return {
    url: `http://${urlHost}:${openPort}`,
    port: openPort,
    store,
    feed,
    close() {
      closed ??= closeServer(server).then(() => store.close())
      return closed
    },
  }
}

/** What never reached the app, such as a `Host` that is no host. */
function answerError(error: unknown): Response {
  if (error instanceof RequestError) return Response.json({ success: false, message: 'Bad request' }, { status: 400 })
  return Response.json({ success: false, message: 'Internal error' }, { status: 500 })
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') reject(new PortInUseError(port, { cause: error }))
      else reject(new InboxError(`${host}:${port} cannot be listened on: ${error.code}`, { cause: error }))
    }
    server.once('error', refuse)
    server.listen(port, host, () => {
      server.off('error', refuse)
      resolve()
    })
  })
}

function closeServer(server: Server): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve())
    // A stream would stay open for ever. What was answered is stored already.
    server.closeAllConnections()
  })
}
