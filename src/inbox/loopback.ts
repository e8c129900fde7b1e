import type { HonoRequest, MiddlewareHandler } from 'hono'

/** Where an inbox listens, unless it is given another port. */
export const DEFAULT_INBOX = 'http://127.0.0.1:4319'

/** Where commands find an inbox whose page was asked for: a project's in a team's inbox is below a path of its own. */
export function inboxUrlOf(request: HonoRequest, project: string | undefined): string {
  const { origin } = new URL(request.url)
  return project === undefined ? origin : `${origin}/projects/${project}`
}

/** What a command needs besides, to ask this inbox: nothing for the one that commands ask by default. */
export function inboxFlag(inboxUrl: string): string {
  return inboxUrl === DEFAULT_INBOX ? '' : ` --inbox ${inboxUrl}`
}

const LOOPBACK_HOST = String.raw`(?:localhost|127(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}|\[::1\])(?::\d{1,5})?`
const HOST_PATTERN = new RegExp(`^${LOOPBACK_HOST}$`, 'i')
const ORIGIN_PATTERN = new RegExp(`^https?://${LOOPBACK_HOST}$`, 'i')

/** Whether a `Host` header names this machine: `localhost`, an address of 127.0.0.0/8 or `[::1]`, with or without a port. */
export function isLoopbackHost(host: string): boolean {
  return HOST_PATTERN.test(host)
}

/**
 * Refuses, with 403, what a page of another site could send: an address outside does not reach a server bound to
 * loopback, but the developer's own browser does. `Host` stops DNS rebinding, `Origin` cross-site writes, also those of
 * what else is served on this machine. Reads that carry no `Origin` tell a page nothing but how long they take, which
 * is enough to search by: a link may lead here, and nothing else.
 * @see https://www.w3.org/TR/fetch-metadata/
 */
export const loopbackOnly: MiddlewareHandler = async (context, next) => {
  const problem = findStranger(context.req)
  return problem === undefined ? next() : context.json({ success: false, message: problem }, 403)
}

function findStranger(request: HonoRequest): string | undefined {
  const header = (name: string): string | undefined => request.header(name)
  const host = header('host') ?? new URL(request.url).host
  if (!isLoopbackHost(host)) return 'Host must be a loopback address'
  const origin = header('origin')
  if (origin !== undefined && !ORIGIN_PATTERN.test(origin)) return 'Origin must be a loopback address'
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  if (origin !== undefined && !isRead && origin.replace(/^https?:\/\//i, '').toLowerCase() !== host.toLowerCase()) {
    return 'Origin must be the inbox itself'
  }
  if (header('sec-fetch-site') === 'cross-site' && header('sec-fetch-dest') !== 'document') {
    return 'Pages of other sites may only link to the inbox'
  }
  // What was captured was chosen by whoever sent it: it may name the inbox as where it went.
  if (header('x-replaystack-replay') !== undefined) return 'A replay cannot be sent to an inbox'
  return undefined
}
