import { fetchJson } from './fetch-json.ts'
import { isJsonObject } from './payload-kind.ts'
import type { ReplayHistory } from './replay-history.ts'

/**
 * The history that an inbox keeps of an event, for replays that are sent from elsewhere. The replay does not depend on it: an
 * inbox that is gone, or older than its history, keeps nothing.
 */
export function reportReplays(inbox: string, eventId: string, signal: AbortSignal): ReplayHistory {
  const url = `${inbox}/api/v1/events/${encodeURIComponent(eventId)}/replays`
  const send = async (to: string, method: 'POST' | 'PUT', body: object) => {
    const headers = { 'content-type': 'application/json' }
    const { value } = await fetchJson(to, inbox, { method, headers, body: JSON.stringify(body), signal })
    const data = isJsonObject(value) ? value['data'] : undefined
    return isJsonObject(data) ? data : {}
  }
  let replayId: unknown
  return {
    async start(target) {
      replayId = await send(url, 'POST', { target }).then(
        data => data['replayId'],
        () => undefined,
      )
    },
    async end(end) {
      if (typeof replayId !== 'string') return
      await send(`${url}/${encodeURIComponent(replayId)}`, 'PUT', end).catch(() => {})
    },
  }
}
