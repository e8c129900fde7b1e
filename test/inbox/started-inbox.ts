import { type RunningCommand, runCommand } from './running-command.ts'
import { createSampleEvent } from './sample-event.ts'

export interface StartedInbox {
  running: RunningCommand
  url: string
}

/** Runs a built command's `inbox` on a free port, and waits until it listens. */
export async function startInboxCommand(file: string, args: readonly string[]): Promise<StartedInbox> {
  return waitForInbox(runCommand(file, ['inbox', '--port', '0', ...args]))
}

/** Waits until an inbox that was started listens. */
export async function waitForInbox(running: RunningCommand): Promise<StartedInbox> {
  const [, url = ''] = await running.waitFor('stdout', /REPLAYSTACK_ENDPOINT=(\S+)\nREPLAYSTACK_API_KEY=/)
  return { running, url }
}

export interface PostAnswer {
  status: number
  json: unknown
  /** Of the event, when it was accepted. */
  eventId: string | undefined
}

/** Posts one event under its trace id, which is its idempotency key too. */
export async function postEvent(url: string, traceId: string, payload?: string): Promise<PostAnswer> {
  const response = await fetch(`${url}/api/v1/ingest/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-replaystack-api-key': 'k', 'idempotency-key': traceId },
    body: JSON.stringify(createSampleEvent({ traceId, ...(payload === undefined ? {} : { requestPayload: payload }) })),
  })
  const json: { data?: { eventId?: string } } = JSON.parse(await response.text())
  return { status: response.status, json, eventId: json.data?.eventId }
}

/** Runs `task` for each number below `count`, so many at a time. */
export async function runTimes(count: number, atATime: number, task: (index: number) => Promise<void>): Promise<void> {
  let next = 0
  const worker = async () => {
    while (next < count) await task(next++)
  }
  await Promise.all(Array.from({ length: atATime }, worker))
}

/** The trace ids that an inbox lists, page by page, newest first. */
export async function readTraceIds(url: string): Promise<string[]> {
  const found: string[] = []
  let before: string | null = ''
  do {
    const response = await fetch(`${url}/api/v1/events?limit=200&before=${before}`)
    const page: { events: { traceId: string }[]; next: string | null } = JSON.parse(await response.text())
    found.push(...page.events.map(event => event.traceId))
    before = page.next
  } while (before !== null)
  return found
}
