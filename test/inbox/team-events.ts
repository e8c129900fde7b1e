import type { TeamInbox } from './start-team-inbox.ts'

/** Posts an event, or `{ events }`, with a project's key. */
export function sendEvents(
  inbox: TeamInbox,
  key: string,
  body: object,
  headers: Record<string, string> = {},
): Promise<Response> {
  const path = 'events' in body ? 'bulk-events' : 'events'
  return fetch(`${inbox.url}/api/v1/ingest/${path}`, {
    method: 'POST',
    headers: { 'x-replaystack-api-key': key, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
}

/** The newest events of a project, 50 at most. */
export async function listOf(inbox: TeamInbox, project: string): Promise<{ id: string; traceId: string }[]> {
  const response = await inbox.ask(`/projects/${project}/api/v1/events`)
  const { events } = (await response.json()) as { events: { id: string; traceId: string }[] }
  return events
}
