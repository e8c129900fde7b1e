import type { JsonValue } from '../../types.ts'
import { InboxError } from '../inbox-error.ts'
import { parseJson } from './payload-kind.ts'

/** @throws InboxError where nothing answers, or what answers is no JSON */
export async function fetchJson(
  url: string,
  inbox: string,
  init: RequestInit,
): Promise<{ status: number; value: JsonValue | undefined }> {
  const { status, text } = await fetchText(url, inbox, init)
  const value = parseJson(text)
  if (value === undefined) throw notAnInbox(inbox, status)
  return { status, value }
}

const inboxHeaders = new Headers()

/** From now on every request to an inbox has this token: a command asks one inbox. */
export function useInboxToken(token: string | undefined): void {
  if (token === undefined) inboxHeaders.delete('authorization')
  else inboxHeaders.set('authorization', `Bearer ${token}`)
}

/**
 * From now on every request to an inbox has a service token of Cloudflare Access, for one that Access protects.
 *
 * @see https://developers.cloudflare.com/cloudflare-one/access-controls/service-credentials/service-tokens/
 */
export function useAccessClient(id: string, secret: string): void {
  inboxHeaders.set('cf-access-client-id', id)
  inboxHeaders.set('cf-access-client-secret', secret)
}

/** What goes to an inbox alone, and to none of the servers that replays go to. */
export function askInbox(url: string, init: RequestInit): Promise<Response> {
  const headers = new Headers(init.headers)
  for (const [name, value] of inboxHeaders) headers.set(name, value)
  // A token never goes on to another host.
  return fetch(url, { ...init, headers, redirect: 'manual' })
}

/** @throws InboxError where nothing answers, or nobody is let in */
export async function fetchText(
  url: string,
  inbox: string,
  init: RequestInit,
): Promise<{ status: number; text: string }> {
  const answer = await readAnswer(url, init)
  if (!answer) throw new InboxError(`${inbox} cannot be reached; replaystack inbox starts one`)
  if (answer.status === 401 || answer.status === 403) throw notAnInbox(inbox, answer.status)
  return answer
}

/** `undefined` where nothing answers. */
async function readAnswer(url: string, init: RequestInit): Promise<{ status: number; text: string } | undefined> {
  try {
    const response = await askInbox(url, init)
    return { status: response.status, text: await response.text() }
  } catch {
    return undefined
  }
}

/** Cloudflare Access sends whom it does not know to its own page. */
const ACCESS_HINT =
  '; behind Cloudflare Access, give CLOUDFLARE_ACCESS_CLIENT_ID and CLOUDFLARE_ACCESS_CLIENT_SECRET, or let Access bypass it'

/** What is thrown for an answer that no inbox gives. */
export function notAnInbox(inbox: string, status: number): InboxError {
  if (status === 401) return new InboxError(`${inbox} lets nobody in without a token; give --token TOKEN`)
  if (status === 302) return new InboxError(`${inbox} asks to sign in${ACCESS_HINT}`)
  if (status === 403) return new InboxError(`${inbox} does not allow this to whom the token is of`)
  return new InboxError(`${inbox} is not a ReplayStack inbox: it answered ${status}`)
}
