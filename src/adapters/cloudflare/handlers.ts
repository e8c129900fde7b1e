/** A Worker's handlers by their names, and those whose events need no more than a few fields. */
import { observe } from '../../observe/lifecycle.ts'
import { connectingIp, isRequest, observeRequest } from '../../observe/request.ts'
import { type Invocation, membersOf, type Observe } from './invocation.ts'
import { observeQueue } from './queue.ts'
import { observeTail } from './tail.ts'

/** The members of Cloudflare's `ScheduledController` that are read. */
interface ScheduledController {
  cron: string
  /** Milliseconds since 1970. */
  scheduledTime: number
}

/** The members of Cloudflare's `ForwardableEmailMessage` that are read: never the mail itself. */
interface EmailMessage {
  from: string
  to: string
  /** Bytes. */
  rawSize: number
}

export function observeFetch({ setup, args: [request], ctx, isOwn, metadata, run }: Invocation): unknown {
  if (!isRequest(request)) return run()
  return observeRequest(setup, request, { waitUntil: ctx, sourceIp: connectingIp, isOwn, metadata }, run)
}

function observeScheduled({ setup, args: [controller], ctx, metadata, run }: Invocation): unknown {
  const { cron = 'scheduled', scheduledTime } = membersOf<ScheduledController>(controller)
  const describe = () => {
    const time = scheduledTime === undefined ? {} : { scheduledTime: new Date(scheduledTime).toISOString() }
    return { fields: { metadata: { ...metadata?.(), ...time } } }
  }
  return observe(setup, { eventType: 'cron', endpoint: cron, waitUntil: ctx, describe }, run, result => ({ result }))
}

function observeEmail({ setup, args: [message], ctx, metadata, run }: Invocation): unknown {
  const describe = () => {
    const { from, to, rawSize } = membersOf<EmailMessage>(message)
    return { fields: { metadata: { ...metadata?.(), from, to, rawSize } } }
  }
  const work = { eventType: 'custom', endpoint: 'email', waitUntil: ctx, describe } as const
  return observe(setup, work, run, result => ({ result }))
}

/** Those of an exported object, and those of a `WorkerEntrypoint`. */
export const workerHandlers: Readonly<Record<string, Observe>> = {
  fetch: observeFetch,
  scheduled: observeScheduled,
  queue: observeQueue,
  email: observeEmail,
  tail: observeTail,
}
