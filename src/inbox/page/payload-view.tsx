/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { JsonValue } from '../../types.ts'
import { EventText } from './event-text.tsx'
import { isNotCaptured, isTruncated, type JsonObject } from './json-kinds.ts'
import { JsonView, ShowAll } from './json-view.tsx'
import { Scrollable } from './scrollable.tsx'
import { formatSize } from './size-text.ts'

/** UTF-16 units of a text body that a page shows. */
const MAX_TEXT_LENGTH = 60_000

export interface PayloadViewProps {
  value: JsonValue
  id: string
  label: string
  rawUrl: string
}

/** A body, or what was left of it: a truncated one and one that was not captured say what they are. */
export function PayloadView({ value, id, label, rawUrl }: PayloadViewProps) {
  if (value === '') return <p class="nothing">Empty</p>
  if (typeof value === 'string') {
    return (
      <>
        <Scrollable id={id} label={label} className="code wrapped">
          <EventText text={value} maxLength={MAX_TEXT_LENGTH} />
        </Scrollable>
        {value.length > MAX_TEXT_LENGTH && <ShowAll rawUrl={rawUrl} />}
      </>
    )
  }
  if (isTruncated(value)) return <Truncated marker={value} id={id} label={label} />
  if (isNotCaptured(value)) return <NotCaptured marker={value} reason={value.reason} />
  return <JsonView value={value} id={id} label={label} rawUrl={rawUrl} />
}

function Truncated({ marker, id, label }: { marker: JsonObject; id: string; label: string }) {
  const { originalSizeBytes, maxSizeBytes, preview } = marker
  return (
    <div class="marker">
      <p>
        <strong class="chip cut">Truncated</strong>{' '}
        {typeof originalSizeBytes === 'number' && <>It was {formatSize(originalSizeBytes)}. </>}
        {typeof maxSizeBytes === 'number' && (
          <>The application keeps {formatSize(maxSizeBytes)} (maxPayloadSizeBytes). </>
        )}
        {typeof preview === 'string' && preview !== '' && <>This is how it begins:</>}
      </p>
      {typeof preview === 'string' && preview !== '' && (
        <Scrollable id={id} label={`${label}, its beginning`} className="code wrapped torn">
          <EventText text={preview} />
        </Scrollable>
      )}
    </div>
  )
}

function NotCaptured({ marker, reason }: { marker: JsonObject; reason: string }) {
  const { contentType, sizeBytes } = marker
  const facts = [
    typeof contentType === 'string' ? contentType : undefined,
    typeof sizeBytes === 'number' ? formatSize(sizeBytes) : undefined,
  ].filter(fact => fact !== undefined)
  return (
    <div class="marker">
      <p>
        <strong class="chip absent">Not captured</strong> <EventText text={reason} maxLength={500} />
        {facts.length > 0 && (
          <span class="muted">
            {' · '}
            <EventText text={facts.join(' · ')} maxLength={500} />
          </span>
        )}
      </p>
    </div>
  )
}
