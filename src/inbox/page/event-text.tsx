/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { Fragment } from 'hono/jsx'
import { MASKED } from '../../mask/text.ts'
import { escapeControlCharacters } from '../terminal-text.ts'
import { formatCount } from './size-text.ts'

/** UTF-16 units of one text of an event that a page shows, unless it says otherwise. */
const MAX_LENGTH = 4000

/** Masked parts of one text that are marked as such; in a text with more they stand as they are. */
const MAX_MARKED = 500

/** A text of the event with nothing in it that moves or hides what is around it: control characters are written out. */
export function escapeText(text: string): string {
  return text
    .split(/\r?\n/)
    .map(line => line.split('\t').map(escapeControlCharacters).join('\t'))
    .join('\n')
}

export interface EventTextProps {
  text: string
  /** UTF-16 units that are shown. @default 4000 */
  maxLength?: number | undefined
}

/** A text of the event: bounded, its control characters written out, its masked parts marked as such. */
export function EventText({ text, maxLength = MAX_LENGTH }: EventTextProps) {
  const shown = text.slice(0, maxLength).replace(/[\uD800-\uDBFF]$/, '')
  const parts = splitMasked(escapeText(shown))
  return (
    <>
      {parts.map((part, index) => (
        <Fragment key={String(index)}>
          {index > 0 && <Masked />}
          {part}
        </Fragment>
      ))}
      {shown.length < text.length && <Omitted>{formatCount(text.length - shown.length, 'more character')}</Omitted>}
    </>
  )
}

/** What stands between the masked parts of a text; after the last that is marked, all the rest. */
function splitMasked(text: string): string[] {
  const parts = text.split(MASKED)
  const rest = parts.splice(MAX_MARKED)
  return rest.length > 0 ? [...parts, rest.join(MASKED)] : parts
}

/** A secret that was taken out before the event left the application. What is copied is the wire's own text. */
export function Masked() {
  return (
    <span class="masked" title="Masked before the event left the application">
      {MASKED}
    </span>
  )
}

/** Says that something is not shown here. */
export function Omitted({ children }: { children: string }) {
  return <span class="omitted">… {children}</span>
}

/** A text of the event as one line, for titles and names. */
export function lineText(text: string, maxLength = 300): string {
  const line = escapeControlCharacters(text.slice(0, maxLength).replace(/[\uD800-\uDBFF]$/, ''))
  return text.length > maxLength ? `${line}…` : line
}
