/** An event on its way through the queue: one line of JSON about it, then its own text. */
import type { NewEvent } from '../store.ts'

/** What is known of an event beside its text. */
export interface EventHead {
  project: string
  id: string
  /** The same for each time that a client sends it. */
  idempotencyKey: string
  /** Milliseconds since the epoch. */
  receivedAt: number
}

/** A queue's message holds 128 kB. */
const MAX_INLINE_BYTES = 100_000

/** Where the bucket keeps the text of an event that is too large for a message, until it is stored. */
export const LARGE_PREFIX = 'large/'

export interface QueuedEvent {
  head: EventHead
  /** The event's JSON; absent where the bucket has it. */
  json?: string
}

export function isLarge(json: string): boolean {
  return json.length > MAX_INLINE_BYTES || new TextEncoder().encode(json).byteLength > MAX_INLINE_BYTES
}

export function largeKey({ project, id }: EventHead): string {
  return `${LARGE_PREFIX}${project}/${id}`
}

export function writeMessage({ head, json }: QueuedEvent): string {
  return json === undefined ? JSON.stringify(head) : `${JSON.stringify(head)}\n${json}`
}

/** `undefined` for what no ingest of ours has written. */
export function readMessage(body: unknown): QueuedEvent | undefined {
  if (typeof body !== 'string') return undefined
  const end = body.indexOf('\n')
  const head = readHead(end < 0 ? body : body.slice(0, end))
  return head && { head, ...(end >= 0 && { json: body.slice(end + 1) }) }
}

function readHead(line: string): EventHead | undefined {
  try {
    const { project, id, idempotencyKey, receivedAt }: Partial<Record<keyof EventHead, unknown>> = JSON.parse(line)
    if (typeof project !== 'string' || typeof id !== 'string' || typeof idempotencyKey !== 'string') return undefined
    return typeof receivedAt === 'number' ? { project, id, idempotencyKey, receivedAt } : undefined
  } catch {
    return undefined
  }
}

/** The id of a project's event: a repeat has the same. A UUID of version 8, made of the project's name and the key. */
export async function deriveHead(
  project: string,
  { idempotencyKey }: NewEvent,
  receivedAt: number,
): Promise<EventHead> {
  const key = idempotencyKey ?? crypto.randomUUID()
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`${project}\n${key}`))
  const bytes = new Uint8Array(digest, 0, 16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
  return { project, id: hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'), idempotencyKey: key, receivedAt }
}
