import { DemoError } from './demo-error.ts'
import type { Secret } from './secrets.ts'
import type { Traffic } from './traffic.ts'

/** Milliseconds that one answer may take. */
const ANSWER_DEADLINE_MS = 10_000

/** Traffic that was sent. */
export interface SentTraffic {
  traffic: Traffic
  statusCode: number
  /** As its answer told it; a cron run has no answer that could. */
  traceId: string | undefined
  /** What the answer held that must not reach the store. */
  secrets: Secret[]
}

/** `POST /orders  201  an order that succeeds` */
export function describeSent({ traffic: { name, event }, statusCode }: SentTraffic): string {
  const { method = '', eventType = '', endpoint = '' } = event
  return `${(method || eventType).padEnd(4)} ${endpoint.padEnd(9)}  ${statusCode}  ${name}`
}

/** Sends each to the Worker, one after another, and reads its answer to the end. */
export async function sendTraffic(
  worker: string,
  list: readonly Traffic[],
  interrupted: AbortSignal,
): Promise<SentTraffic[]> {
  const sent: SentTraffic[] = []
  for (const traffic of list) sent.push(await send(worker, traffic, interrupted))
  return sent
}

async function send(worker: string, traffic: Traffic, interrupted: AbortSignal): Promise<SentTraffic> {
  const { name, method, path, headers, body, answers, secretsOf } = traffic
  try {
    const response = await fetch(`${worker}${path}`, {
      method,
      headers: {
        'user-agent': 'replaystack-demo',
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...headers,
      },
      body: body ? JSON.stringify(body) : null,
      signal: AbortSignal.any([interrupted, AbortSignal.timeout(ANSWER_DEADLINE_MS)]),
    })
    const text = await response.text()
    if (response.status !== answers) {
      throw new DemoError(
        `The Worker responded to ${name} with ${response.status}, not ${answers}: ${text.slice(0, 200)}`,
      )
    }
    const secrets = secretsOf?.(response, text) ?? []
    return { traffic, statusCode: response.status, traceId: response.headers.get('x-trace-id') ?? undefined, secrets }
  } catch (error) {
    if (error instanceof DemoError || interrupted.aborted) throw error
    throw new DemoError(`The Worker did not respond to ${name}: ${error instanceof Error ? error.message : error}`)
  }
}
