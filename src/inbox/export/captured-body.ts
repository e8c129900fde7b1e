import { utf8Length } from '../../mask/truncate.ts'
import type { JsonValue } from '../../types.ts'
import { contentKind, isJsonObject, readTruncated, readUncaptured } from '../replay/payload-kind.ts'

/** A captured body as text, as far as it is known. */
export interface CapturedText {
  /** Absent where nothing of it was captured. */
  text?: string
  /** Of the whole body, where it is known. */
  sizeBytes?: number
  /** What is missing of it, in one sentence. */
  comment?: string
}

/** A captured body as the text that it was, with its masks; absent for none. */
export function readCapturedText(payload: JsonValue | undefined, contentType?: string): CapturedText | undefined {
  if (payload === undefined) return undefined
  const truncated = readTruncated(payload)
  if (truncated) {
    const { preview, originalSizeBytes } = truncated
    return { text: preview, sizeBytes: originalSizeBytes, comment: 'Only its beginning was captured.' }
  }
  const uncaptured = readUncaptured(payload)
  if (uncaptured) {
    const { reason, sizeBytes } = uncaptured
    return { comment: `${reason.replace(/\.$/, '')}.`, ...(sizeBytes !== undefined && { sizeBytes }) }
  }
  try {
    const text = typeof payload === 'string' ? payload : writeFields(payload, contentType)
    return { text, sizeBytes: utf8Length(text) }
  } catch (error) {
    if (error instanceof RangeError) return { comment: 'It is nested too deeply to be written.' }
    throw error
  }
}

function writeFields(payload: JsonValue, contentType: string | undefined): string {
  if (contentKind(contentType) !== 'form' || !isJsonObject(payload)) return JSON.stringify(payload)
  const form = new URLSearchParams()
  for (const [name, value] of Object.entries(payload)) {
    const values: readonly JsonValue[] = Array.isArray(value) ? value : [value]
    for (const entry of values) form.append(name, typeof entry === 'string' ? entry : JSON.stringify(entry))
  }
  return form.toString()
}
