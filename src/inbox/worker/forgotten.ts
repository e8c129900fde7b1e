/**
 * Who was forgotten while events were still in the queue, where nobody can look: what was received before and comes after is not
 * kept. Of each person there is a salted hash, until no queue can have anything of that time.
 */
import { readAll } from '../../safe-read.ts'
import { AFTER, BEFORE, decodingsOf, textsOf } from '../person.ts'
import type { SqlDriver } from '../sql/driver.ts'
import type { NewEvent } from '../store.ts'
import { createSecret, hashText } from './secrets.ts'

const SETTING = 'forgotten'

/** Milliseconds for which it is known: longer than a queue keeps a message. */
const KEPT_MS = 15 * 86_400_000

interface Forgotten {
  hash: string
  salt: string
  /** Characters (code points) in lower case. */
  length: number
  /** Milliseconds since the epoch. */
  at: number
}

/** What is received until now and mentions a person is not kept, whenever it comes. */
export async function rememberForgotten(driver: SqlDriver, person: string): Promise<void> {
  const text = person.toLowerCase()
  const salt = createSecret()
  const one: Forgotten = { hash: await hashText(salt + text), salt, length: [...text].length, at: Date.now() }
  // Read after the hash was made: other requests may have come meanwhile.
  write(driver, [...listForgotten(driver), one])
}

/** Drops what is known for long enough. */
export function dropForgotten(driver: SqlDriver): void {
  const all = listForgotten(driver)
  const kept = all.filter(({ at }) => Date.now() - at < KEPT_MS)
  if (kept.length < all.length) write(driver, kept)
}

/** The events but for those that mention somebody who was forgotten after they were received. */
export async function leaveOutForgotten(driver: SqlDriver, events: readonly NewEvent[]): Promise<readonly NewEvent[]> {
  for (;;) {
    const known = listForgotten(driver)
    const isWanted = await Promise.all(events.map(async event => !(await isForgotten(known, event))))
    // Somebody else may have been forgotten meanwhile.
    if (listForgotten(driver).length <= known.length) return events.filter((_, index) => isWanted[index])
  }
}

async function isForgotten(known: readonly Forgotten[], { id, event, receivedAt = 0 }: NewEvent): Promise<boolean> {
  for (const { hash, salt, length } of known.filter(({ at }) => receivedAt <= at)) {
    for (const candidate of findCandidates([id, event], length)) {
      if ((await hashText(salt + candidate)) === hash) return true
    }
  }
  return false
}

/** What a person's text may be, by its length and by what it stands between. */
function findCandidates(event: unknown, length: number): Set<string> {
  const found = new Set<string>()
  // It has no length of its own: a candidate may begin within another.
  const pattern = new RegExp(`${BEFORE}(?=([^]{${length}})${AFTER})`, 'gu')
  for (const text of textsOf(event)) {
    for (const decoded of decodingsOf(text)) {
      for (const [, candidate = ''] of decoded.toLowerCase().matchAll(pattern)) found.add(candidate)
    }
  }
  return found
}

function listForgotten(driver: SqlDriver): Forgotten[] {
  const [row] = driver.query('SELECT value FROM settings WHERE name = ?', SETTING)
  const known: unknown = JSON.parse(String(row?.['value'] ?? '[]'))
  return Array.isArray(known) ? known.map(readForgotten) : []
}

function readForgotten(value: unknown): Forgotten {
  const { hash, salt, length, at }: Partial<Record<keyof Forgotten, unknown>> = readAll(value)
  return { hash: String(hash), salt: String(salt), length: Number(length), at: Number(at) }
}

function write(driver: SqlDriver, forgotten: readonly Forgotten[]): void {
  driver.query('INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)', SETTING, JSON.stringify(forgotten))
}
