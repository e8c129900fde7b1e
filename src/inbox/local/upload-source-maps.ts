import type { JsonValue } from '../../types.ts'
import { InboxError } from '../inbox-error.ts'
import { askInbox } from '../replay/fetch-json.ts'
import { isJsonObject, parseJson } from '../replay/payload-kind.ts'
import type { ReleaseCheck } from '../uploaded-maps/check-release.ts'
import type { ReleaseFile } from '../uploaded-maps/release.ts'

/** Maps that are sent at a time. */
const CONCURRENCY = 4
/** Milliseconds before each further attempt of a request that failed for a while. */
const WAITS = [500, 1_000, 2_000]
/** Milliseconds for one request, a map of 10 MB with it. */
const TIMEOUT_MS = 120_000

export interface UploadOptions {
  /** An inbox's URL without slashes at its end. */
  to: string
  release: string
  signal: AbortSignal
  /** Milliseconds before each further attempt. */
  waits?: readonly number[] | undefined
}

/** A file whose map's text is read when it is sent: all of them may be more than memory has. */
export interface UploadedFile extends ReleaseFile {
  readText(): Promise<string>
}

/**
 * Sends the maps that a release does not have yet, then its list of files.
 *
 * @param onProgress is called with how many maps were sent, and how many are to be
 * @returns how many were sent
 * @throws InboxError
 */
export async function uploadSourceMaps(
  files: readonly UploadedFile[],
  options: UploadOptions,
  onProgress?: (sent: number, of: number) => void,
): Promise<number> {
  const list = JSON.stringify({
    release: options.release,
    files: files.map(({ file, name, map }) => ({ file, name, map })),
  })
  const missing = await postList(list, options)
  const wanted = missing.flatMap(hash => files.find(({ map }) => map === hash) ?? [])
  let sent = 0
  const left = wanted.values()
  const sendNext = async () => {
    for (const { map, readText } of left) {
      await request(`/${encodeURIComponent(options.release)}/${map}`, 'PUT', await readText(), options)
      sent++
      onProgress?.(sent, wanted.length)
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, sendNext))
  if (wanted.length > 0 && (await postList(list, options)).length > 0) {
    throw new InboxError(`${options.to} does not keep the maps that it takes`)
  }
  return sent
}

/** Asks how the frames of a release's events fare. */
export async function fetchReleaseCheck(options: UploadOptions): Promise<ReleaseCheck> {
  const answer = await request(`/${encodeURIComponent(options.release)}/check`, 'GET', undefined, options)
  const { events, frames, resolved, unresolved } = answer
  const named = (Array.isArray(unresolved) ? unresolved : []).filter(isJsonObject)
  return {
    events: Number(events),
    frames: Number(frames),
    resolved: Number(resolved),
    unresolved: named.map(({ eventId, functionName, fileName, lineNumber, columnNumber }) => ({
      eventId: String(eventId),
      fileName: String(fileName),
      ...(typeof functionName === 'string' && { functionName }),
      ...(typeof lineNumber === 'number' && { lineNumber }),
      ...(typeof columnNumber === 'number' && { columnNumber }),
    })),
  }
}

async function postList(list: string, options: UploadOptions): Promise<string[]> {
  const { data } = await request('', 'POST', list, options)
  const missing = isJsonObject(data) ? data['missing'] : undefined
  if (!Array.isArray(missing)) throw new InboxError(`${options.to} is not a ReplayStack inbox that takes source maps`)
  return missing.map(String)
}

async function request(
  path: string,
  method: string,
  body: string | undefined,
  options: UploadOptions,
): Promise<{ [name: string]: JsonValue }> {
  const { to, signal, waits = WAITS } = options
  const init: RequestInit = {
    method,
    ...(body !== undefined && { headers: { 'content-type': 'application/json' } }),
    ...(body !== undefined && { body }),
  }
  for (let attempt = 0; ; attempt++) {
    const wait = waits[attempt]
    try {
      const timely = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)])
      const response = await askInbox(`${to}/api/v1/sourcemaps${path}`, { ...init, signal: timely })
      const text = await response.text()
      const isPassing = response.status === 429 || response.status >= 500
      if (!isPassing || wait === undefined) return readAnswer(response.status, text, to)
    } catch (error) {
      if (error instanceof InboxError) throw error
      if (signal.aborted) throw new InboxError('The upload was ended; the same command goes on where it was')
      if (wait === undefined) throw new InboxError(`${to} cannot be reached`, { cause: error })
    }
    await sleep(wait, signal)
  }
}

function readAnswer(status: number, text: string, to: string): { [name: string]: JsonValue } {
  const answer = parseJson(text)
  const fields = isJsonObject(answer) ? answer : {}
  const message = typeof fields['message'] === 'string' ? fields['message'] : undefined
  if (status === 200 && isJsonObject(answer)) return answer
  const why = message === undefined ? `${status}` : `${status}: ${message}`
  const isStopped = status === 401 || status === 403 || (status >= 300 && status < 400)
  if (isStopped) throw new InboxError(`${to} does not let this upload in (${why}); give --token TOKEN`)
  if (status === 404)
    throw new InboxError(`${to} takes no source maps (${why}): is it a ReplayStack inbox of this version?`)
  throw new InboxError(`${to} did not take the source maps: it answered ${why}`)
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(end, ms)
    function end() {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    signal.addEventListener('abort', end, { once: true })
  })
}
