/** Durable Objects. */
import { observe } from '../../observe/lifecycle.ts'
import { observeFetch } from './handlers.ts'
import {
  type ClassConfiguration,
  type ClassRules,
  instrumentClass,
  observeMethod,
  type PlatformClass,
} from './instrument-class.ts'
import { type Invocation, membersOf } from './invocation.ts'

/** The members of Cloudflare's `DurableObjectState` that are read, besides `waitUntil`. */
interface DurableObjectState {
  id: { name?: string; toString(): string }
}

/** The members of Cloudflare's `AlarmInvocationInfo` that are read. */
interface AlarmInfo {
  isRetry: boolean
  retryCount: number
}

function observeAlarm({ setup, args: [info], ctx, metadata, run }: Invocation): unknown {
  const describe = () => {
    const { isRetry, retryCount } = membersOf<AlarmInfo>(info)
    return { fields: { metadata: { ...metadata?.(), isRetry, retryCount } } }
  }
  const work = { eventType: 'cron', endpoint: 'alarm', waitUntil: ctx, describe } as const
  return observe(setup, work, run, result => ({ result }))
}

/** A message of text is recorded; of a binary one its size alone. */
function observeMessage({ setup, name, args: [, message], ctx, metadata, run }: Invocation): unknown {
  const describe = () => {
    const { byteLength: sizeBytes } = membersOf<ArrayBuffer>(message)
    const requestPayload = setup.captureRequestBody && typeof message === 'string' ? message : undefined
    return { fields: { metadata: { ...metadata?.(), sizeBytes }, requestPayload } }
  }
  const work = { eventType: 'custom', endpoint: name, waitUntil: ctx, describe } as const
  return observe(setup, work, run, result => ({ result }))
}

function observeClose(invocation: Invocation): unknown {
  const [, code, reason, wasClean] = invocation.args
  return observeMethod({ ...invocation, metadata: () => ({ ...invocation.metadata?.(), code, reason, wasClean }) })
}

/** The connection's error is what there is to tell, also where its handler copes with it. */
function observeError({ setup, name, args: [, thrown], ctx, metadata, run }: Invocation): unknown {
  const describe = () => ({ fields: { metadata: metadata?.() } })
  const work = { eventType: 'custom', endpoint: name, waitUntil: ctx, describe } as const
  return observe(setup, work, run, result => ({ result, error: { thrown }, fields: { status: 'warning' } }))
}

const rules: ClassRules = {
  handlers: {
    fetch: { observe: observeFetch, arity: 3 },
    alarm: { observe: observeAlarm, arity: 1 },
    webSocketMessage: { observe: observeMessage, arity: 2 },
    webSocketClose: { observe: observeClose, arity: 4 },
    webSocketError: { observe: observeError, arity: 2 },
  },
  metadata(className, ctx) {
    const { id } = membersOf<DurableObjectState>(ctx)
    return { durableObject: { class: className, id: id?.toString(), name: id?.name } }
  },
}

/**
 * A Durable Object class whose requests, alarms, WebSocket events and RPC calls are recorded: the same class, the same
 * type. A method that one of its own methods calls is no event. The platform's handlers are passed their handle last:
 * `fetch(request, env, ctx, handle)`, `alarm(info, handle)`, `webSocketMessage(ws, message, handle)`. Nothing is left
 * pending once an event is sent: the object hibernates as it would without.
 * @param options the client's and the adapter's, or a function that makes them from the object's `env`
 * @throws {TypeError} naming an option that is wrong. A missing key throws nothing: it is reported once, and the object
 * runs as it would without.
 * @example
 * export const Counter = instrumentDurableObject(
 *   class Counter extends DurableObject<Env> {
 *     increment() {
 *       return this.ctx.storage.kv.put('count', this.count + 1)
 *     }
 *   },
 * )
 */
export function instrumentDurableObject<Class extends PlatformClass>(
  target: Class,
  options?: ClassConfiguration,
): Class {
  return instrumentClass(target, options, rules)
}
