/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { JsonValue } from '../../types.ts'
import { EventText, Omitted } from './event-text.tsx'
import { type JsonLimits, readJsonLines, type Token } from './json-lines.ts'
import { Scrollable } from './scrollable.tsx'

export interface JsonViewProps extends JsonLimits {
  value: JsonValue
  id: string
  /** What it is, for whoever reaches it by keyboard: `Request body`. */
  label: string
  /** Where all of it can be read. */
  rawUrl: string
}

/** A value as JSON, coloured; what is too much for a page is left out and can be read whole elsewhere. */
export function JsonView({ value, id, label, rawUrl, ...limits }: JsonViewProps) {
  const { lines, complete } = readJsonLines(value, limits)
  return (
    <>
      <Scrollable id={id} label={label} className="code">
        {lines.map(({ depth, tokens }, index) => (
          <>
            {index > 0 && '\n'}
            {'  '.repeat(depth)}
            {tokens.map(token => (
              <JsonToken token={token} />
            ))}
          </>
        ))}
      </Scrollable>
      {!complete && <ShowAll rawUrl={rawUrl} />}
    </>
  )
}

/** A value as JSON in one line of text. */
export function InlineJson({ value }: { value: JsonValue }) {
  const { lines } = readJsonLines(value, { maxLines: 60, maxCharacters: 2000 })
  return (
    <code class="code-inline">
      {lines.map(({ tokens }, index) => (
        <>
          {index > 0 && ' '}
          {tokens.map(token => (
            <JsonToken token={token} />
          ))}
        </>
      ))}
    </code>
  )
}

/** Where all of an event is. */
export function ShowAll({ rawUrl }: { rawUrl: string }) {
  return (
    <p class="show-all">
      Too long to be shown here. <a href={rawUrl}>Show all of it as raw JSON</a>
    </p>
  )
}

function JsonToken({ token: { kind, text } }: { token: Token }) {
  if (kind === 'mark') return <>{text}</>
  if (kind === 'omitted') return <Omitted>{text}</Omitted>
  return (
    <span class={`json-${kind}`}>
      <EventText text={text} maxLength={text.length} />
    </span>
  )
}
