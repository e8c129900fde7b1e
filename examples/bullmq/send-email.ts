/** What a job of the queue does. */
import type { Job } from './record-job.ts'

export interface Email {
  to: string
  subject: string
}

export async function sendEmail({ data: { to } }: Job<Email>): Promise<{ accepted: string }> {
  if (!to.includes('@')) throw new RangeError(`${to} is no address`)
  return { accepted: to }
}
