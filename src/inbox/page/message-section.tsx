/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { JsonValue } from '../../types.ts'
import { CopyButton } from './copy-button.tsx'
import { EventText } from './event-text.tsx'
import { isMarker, isObject } from './json-kinds.ts'
import { InlineJson } from './json-view.tsx'
import { PayloadView } from './payload-view.tsx'
import { formatCount } from './size-text.ts'

/** Rows of a table of names and values that a page shows. */
const MAX_ROWS = 150

export interface MessageSectionProps {
  /** `Request`, `Response`. */
  title: string
  id: string
  headers: JsonValue | undefined
  payload: JsonValue | undefined
  /** Names and values of a URL's query. */
  query?: readonly (readonly [name: string, value: string])[] | undefined
  rawUrl: string
  /** Where the body is as text. */
  bodyUrl: string
  /** What the heading says besides: the code and its meaning. */
  note?: string | undefined
}

/** A request or a response: body, query and headers. */
export function MessageSection({
  title,
  id,
  headers,
  payload,
  query = [],
  rawUrl,
  bodyUrl,
  note,
}: MessageSectionProps) {
  const bodyId = `${id}-body`
  const isCopied = payload !== undefined && payload !== '' && !isMarker(payload)
  return (
    <section class="panel" id={id} aria-labelledby={`${id}-title`}>
      <div class="panel-head">
        <h2 id={`${id}-title`}>
          {title}
          {note && (
            <span class="panel-note">
              {' '}
              <EventText text={note} maxLength={200} />
            </span>
          )}
        </h2>
        {isCopied && <CopyButton from={bodyId} fromUrl={bodyUrl} what={`${title.toLowerCase()} body`} />}
      </div>
      {payload === undefined ? (
        <p class="nothing">No body</p>
      ) : (
        <PayloadView value={payload} id={bodyId} label={`${title} body`} rawUrl={rawUrl} />
      )}
      {query.length > 0 && (
        <details open>
          <summary>
            <h3>Query</h3> <span class="count">{query.length}</span>
          </summary>
          <NamedValues caption={`${title} query`} entries={query} rawUrl={rawUrl} />
        </details>
      )}
      <Headers title={title} id={id} headers={headers} rawUrl={rawUrl} />
    </section>
  )
}

function Headers({ title, id, headers, rawUrl }: Pick<MessageSectionProps, 'title' | 'id' | 'headers' | 'rawUrl'>) {
  if (headers === undefined) return null
  const caption = `${title} headers`
  if (!isObject(headers) || isMarker(headers)) {
    return <PayloadView value={headers} id={`${id}-headers`} label={caption} rawUrl={rawUrl} />
  }
  const entries = Object.entries(headers).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one: JsonValue) => [name, one] as const),
  )
  if (entries.length === 0) return null
  return (
    <details>
      <summary>
        <h3>Headers</h3> <span class="count">{entries.length}</span>
      </summary>
      <NamedValues caption={caption} entries={entries} rawUrl={rawUrl} />
    </details>
  )
}

export interface NamedValuesProps {
  caption: string
  entries: readonly (readonly [name: string, value: JsonValue])[]
  /** Where all of them are; `undefined` where they are nowhere else. */
  rawUrl: string | undefined
}

/** Names and values, one a row. */
export function NamedValues({ caption, entries, rawUrl }: NamedValuesProps) {
  return (
    <>
      <table class="values">
        <caption>
          <span class="visually-hidden">{caption}</span>
        </caption>
        <tbody>
          {entries.slice(0, MAX_ROWS).map(([name, value]) => (
            <tr>
              <th scope="row">
                <EventText text={name} maxLength={300} />
              </th>
              <td>
                {typeof value === 'string' ? <EventText text={value} maxLength={2000} /> : <InlineJson value={value} />}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {entries.length > MAX_ROWS && (
        <p class="show-all">
          {formatCount(entries.length - MAX_ROWS, 'more row')}. {rawUrl && <a href={rawUrl}>Show all as raw JSON</a>}
        </p>
      )}
    </>
  )
}
