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

/** @throws InboxError where nothing answers */
export async function fetchText(
  url: string,
  inbox: string,
  init: RequestInit,
): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(url, init)
    return { status: response.status, text: await response.text() }
  } catch {
    throw new InboxError(`${inbox} cannot be reached; replaystack inbox starts one`)
  }
}

/** What is thrown for an answer that no inbox gives. */
export function notAnInbox(inbox: string, status: number): InboxError {
  return new InboxError(`${inbox} is not a ReplayStack inbox: it answered ${status}`)
}
