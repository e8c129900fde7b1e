/** A worker that sends emails: each line on stdin is one. The lines that record it are marked. */
import { createInterface } from 'node:readline'
import { createReplayStackClient, installReplayStackProcessGuards, runReplayStackJob } from '@replaystack/edge/node'

interface Email {
  to: string
  subject: string
}

const client = createReplayStackClient({ flushIntervalMs: 10_000 }) // Key and settings come from the environment.
installReplayStackProcessGuards(client) // What waits is flushed before the process ends.

async function send({ to, subject }: Email): Promise<{ accepted: string }> {
  client.addBreadcrumb('Connecting to the mail server', { category: 'smtp', metadata: { to, subject } })
  if (!to.includes('@')) throw new RangeError(`${to} is no address`)
  return { accepted: to }
}

for await (const line of createInterface({ input: process.stdin })) {
  const email: Email = JSON.parse(line)
  try {
    // Records the job: its payload, breadcrumbs, result or error, and time.
    await runReplayStackJob(client, { name: 'send-email', payload: email }, () => send(email))
  } catch (error) {
    console.error(`Not sent: ${error}`)
  }
}
