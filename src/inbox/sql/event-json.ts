/** Events' JSON in rows that a Durable Object takes: of 2 MB at most. */
import { readKeptSources } from '../kept-sources.ts'
import type { KeptSources } from '../source-maps.ts'
import type { SqlDriver } from './driver.ts'
import { readOptionalText, readText } from './rows.ts'

/** UTF-16 units of JSON in one row, each of 3 bytes at most. */
const MAX_ROW_LENGTH = 500_000

export function insertJson(driver: SqlDriver, sequence: number, json: string, sources: KeptSources | undefined): void {
  const [first = '', ...rest] = cut(json)
  driver.query(
    'INSERT INTO event_json (sequence, json, sources) VALUES (?, ?, ?)',
    sequence,
    first,
    sources === undefined ? null : JSON.stringify(sources),
  )
  for (const [part, text] of rest.entries()) {
    driver.query('INSERT INTO event_json_rest (sequence, part, json) VALUES (?, ?, ?)', sequence, part, text)
  }
}

export function readJson(driver: SqlDriver, sequence: number): { json: string; sources?: KeptSources } {
  const [row] = driver.query('SELECT json, sources FROM event_json WHERE sequence = ?', sequence)
  if (!row) throw new Error(`The JSON of event ${sequence} is gone`)
  const rest = driver.query('SELECT json FROM event_json_rest WHERE sequence = ? ORDER BY part', sequence)
  const sources = readOptionalText(row, 'sources')
  return {
    json: [row, ...rest].map(part => readText(part, 'json')).join(''),
    ...(sources !== undefined && { sources: readKeptSources(sources) }),
  }
}

export function clearJson(driver: SqlDriver): void {
  driver.query('DELETE FROM event_json')
  driver.query('DELETE FROM event_json_rest')
}

/** A text in parts, none of which ends inside a character. */
function* cut(text: string): Generator<string> {
  let start = 0
  do {
    let end = Math.min(start + MAX_ROW_LENGTH, text.length)
    if (end < text.length && (text.charCodeAt(end - 1) & 0xfc00) === 0xd800) end--
    yield text.slice(start, end)
    start = end
  } while (start < text.length)
}
