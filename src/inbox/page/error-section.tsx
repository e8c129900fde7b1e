/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { EditorLinks } from '../editor-links.ts'
import { groupFrames, type ShownFrame } from '../shown-frames.ts'
import type { SourceMaps } from '../source-maps.ts'
import type { EventError } from './event-errors.ts'
import { EventText, escapeText, lineText } from './event-text.tsx'
import { Scrollable } from './scrollable.tsx'
import { formatCount } from './size-text.ts'

/** Frames that a page shows, of all errors together. */
const MAX_FRAMES = 100

/** UTF-16 units of a line of source that are shown. */
const MAX_SOURCE_LINE = 400

export interface ErrorSectionProps {
  errors: readonly EventError[]
  sourceMaps: SourceMaps | undefined
  rawUrl: string
  /** Where there is an editor to open frames in. */
  editor: EditorLinks | undefined
}

/** What went wrong: the event's error with its frames, then each error behind it. */
export function ErrorSection({ errors, sourceMaps, rawUrl, editor }: ErrorSectionProps) {
  if (errors.length === 0) return null
  let framesLeft = MAX_FRAMES
  const takeFrames = ({ frames }: EventError) => {
    const count = Math.min(frames.length, framesLeft)
    framesLeft -= count
    return count
  }
  return (
    <section class="panel error-panel" aria-labelledby="error-title">
      {errors.map((error, index) => (
        <div class={index === 0 ? 'error' : 'error cause'}>
          <ErrorHead error={error} isFirst={index === 0} />
          <Frames
            error={error}
            maxFrames={takeFrames(error)}
            sourceMaps={sourceMaps}
            rawUrl={rawUrl}
            isFirst={index === 0}
            editor={editor}
          />
        </div>
      ))}
    </section>
  )
}

function ErrorHead({ error: { path, name, message }, isFirst }: { error: EventError; isFirst: boolean }) {
  const title = <EventText text={name || 'Error'} maxLength={300} />
  return (
    <>
      {isFirst ? (
        <h2 id="error-title" class="error-name">
          {title}
        </h2>
      ) : (
        <h3 class="error-name">
          <span class="cause-path">
            Caused by {path !== undefined && path !== 'cause' && <EventText text={path} maxLength={100} />}
          </span>{' '}
          {title}
        </h3>
      )}
      {message && (
        <p class="error-message">
          <EventText text={message} />
        </p>
      )}
    </>
  )
}

function Frames({
  error: { frames, stackTrace },
  maxFrames,
  sourceMaps,
  rawUrl,
  isFirst,
  editor,
}: {
  error: EventError
  maxFrames: number
  sourceMaps: SourceMaps | undefined
  rawUrl: string
  isFirst: boolean
  editor: EditorLinks | undefined
}) {
  if (frames.length === 0) {
    return stackTrace ? (
      <Scrollable label="Stack trace" className="code wrapped">
        <EventText text={stackTrace} maxLength={20_000} />
      </Scrollable>
    ) : null
  }
  const runs = groupFrames(frames.slice(0, maxFrames), sourceMaps)
  const firstOwn = runs.find(run => run.own)?.frames[0]
  return (
    <>
      {runs.length > 0 && (
        <ol class="frames" aria-label="Stack frames, the innermost first">
          {runs.map(run =>
            run.own ? (
              run.frames.map(frame => (
                <li class="frame own">
                  <Frame frame={frame} isOpen={isFirst && frame === firstOwn} editor={editor} />
                </li>
              ))
            ) : (
              <li class="frame-run">
                <details>
                  <summary>{formatCount(run.frames.length, 'frame')} outside the application</summary>
                  <ol class="frames">
                    {run.frames.map(frame => (
                      <li class="frame">
                        <Frame frame={frame} isOpen={false} editor={editor} />
                      </li>
                    ))}
                  </ol>
                </details>
              </li>
            ),
          )}
        </ol>
      )}
      {frames.length > maxFrames && (
        <p class="show-all">
          {formatCount(frames.length - maxFrames, 'more frame')}. <a href={rawUrl}>Show all as raw JSON</a>
        </p>
      )}
    </>
  )
}

function Frame({ frame, isOpen, editor }: { frame: ShownFrame; isOpen: boolean; editor: EditorLinks | undefined }) {
  const { functionName, place, bundled, context, source } = frame
  const url = source && editor?.linkTo(source)
  // Beside the line, not in it: a summary is a button already.
  const link = url && editor && (
    <a class="open-frame" href={url} aria-label={`Open ${lineText(place)} in ${editor.name}`}>
      Open
    </a>
  )
  const line = (
    <span class="frame-line">
      {functionName && (
        <>
          <span class="frame-function">
            <EventText text={functionName} maxLength={300} />
          </span>{' '}
        </>
      )}
      <span class="frame-place" title={bundled && `Bundled as ${lineText(bundled)}`}>
        <EventText text={place} maxLength={600} />
      </span>
    </span>
  )
  if (!context || context.length === 0) {
    return (
      <>
        {line} {link}
      </>
    )
  }
  return (
    <>
      {link}
      <details open={isOpen}>
        <summary>{line}</summary>
        <Source context={context} place={place} />
      </details>
    </>
  )
}

function Source({ context, place }: { context: NonNullable<ShownFrame['context']>; place: string }) {
  const width = String(context.at(-1)?.line ?? 0).length
  return (
    <Scrollable label={`Source around ${escapeText(place.slice(0, 200))}`} className="code source">
      {context.map(({ line, text, failing }) => {
        const content = (
          <>
            <span class="line-number">
              {failing ? '▸' : ' '} {String(line).padStart(width)}
            </span>{' '}
            {escapeText(text.slice(0, MAX_SOURCE_LINE))}
            {'\n'}
          </>
        )
        return failing ? <mark class="failing">{content}</mark> : <span>{content}</span>
      })}
    </Scrollable>
  )
}
