import type { ReplayStackEvent } from '../types.ts'
import { isJsonObject } from './replay/payload-kind.ts'

/** UTF-16 units of an event that are searched, and of one text in it: an index takes as long as what is in it. */
const MAX_SEARCHED = 20_000
const MAX_SEARCHED_TEXT = 4000
/** Lists and objects inside each other that are searched. */
const MAX_DEPTH = 50
/** A word that nobody searches for: no phrase reaches from one text into the next. */
const BETWEEN = ' \u{e000} '

/**
 * All of an event that words are found in: ids, method and endpoint, error, service, bodies, logs, breadcrumbs, metadata.
 * The recorded calls come last: they are the longest and, as what the world said, the least of it.
 */
export function readEventWords(id: string, event: ReplayStackEvent): string {
  const { method, endpoint, errorName, errorMessage, serviceName, traceId, metadata, requestUrl } = event
  const { tape, ...otherMetadata } = isJsonObject(metadata) ? metadata : { tape: undefined }
  const parts: string[] = []
  let left = MAX_SEARCHED
  const add = (text: string) => {
    if (left <= 0 || text === '') return
    const part = text.slice(0, Math.min(left, MAX_SEARCHED_TEXT))
    left -= part.length
    parts.push(part)
  }
  const addValue = (value: unknown, depth = 0) => {
    if (left <= 0 || depth > MAX_DEPTH) return
    if (typeof value === 'string') add(value)
    else if (typeof value === 'number') add(String(value))
    else if (Array.isArray(value)) for (const item of value) addValue(item, depth + 1)
    else if (typeof value === 'object' && value !== null) {
      const entries: [string, unknown][] = Object.entries(value)
      for (const [name, item] of entries) {
        add(name)
        addValue(item, depth + 1)
      }
    }
  }
  // An id is one word, so that any beginning of it finds it.
  add(`${joinId(id)} ${joinId(traceId)}`)
  add([method, endpoint].filter(part => part).join(' '))
  if (errorName) add(`${errorName} ${errorName.replace(/(?<=[a-z])(?=[A-Z])/g, ' ')}`)
  add(errorMessage ?? '')
  add(serviceName ?? '')
  add(requestUrl ?? '')
  addValue(event.requestPayload)
  addValue(event.responsePayload)
  addValue(otherMetadata)
  for (const { message, metadata: noted } of [...(event.breadcrumbs ?? []), ...(event.logs ?? [])]) {
    add(message)
    addValue(noted)
  }
  addValue(tape)
  return parts.join(BETWEEN)
}

/** An id without what would cut it into words. */
export function joinId(id: string): string {
  return id.replaceAll('-', '')
}
