import { onTestFinished } from 'vitest'
import { type RunningInbox, startInbox } from '../../src/inbox/local/server.ts'
import type { ReplayStackEvent } from '../../src/types.ts'

/** An inbox that runs until the test is over, with these events in it. */
export async function openInbox(...events: readonly ReplayStackEvent[]): Promise<RunningInbox> {
  const inbox = await startInbox()
  onTestFinished(() => inbox.close())
  inbox.store.insertMany(events.map(event => ({ event, json: JSON.stringify(event) })))
  return inbox
}
