/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { formatDuration } from '../format-values.ts'
import { alignBodies } from '../replay/align-bodies.ts'
import type { Difference } from '../replay/compare-json.ts'
import { readReplayEnd } from '../replay/replay-record.ts'
import type { AnswerView, ReplayResult } from '../replay/replay-result.ts'
import { AlignedBodies, DifferenceRow } from './aligned-rows.tsx'
import { EventText } from './event-text.tsx'
import { NamedValues } from './message-section.tsx'
import { Notes } from './notes.tsx'
import { formatCount } from './size-text.ts'

/** Names of what was left out of a verdict that are shown. */
const MAX_NAMES = 100

export interface ReplayResultProps {
  result: ReplayResult
}

/** What came of a replay: the verdict, and both responses side by side with their differences in place. */
export function ReplayResultView({ result }: ReplayResultProps) {
  const { request, original, replayed, differences, leftOut, runs, tape, notes } = result
  const title = result.comparedWith === 'baseline' ? 'Baseline' : 'Captured'
  return (
    <>
      <ReplayVerdict result={result} />
      <Calls title="Not on the tape" calls={tape?.notOnTape} />
      <Calls title="On the tape, and not called" calls={tape?.notCalled} />
      <table class="aligned">
        <caption>
          <span class="visually-hidden">Both responses, side by side</span>
        </caption>
        <thead>
          <tr>
            <th scope="col" class="aligned-name">
              <span class="visually-hidden">What differs</span>
            </th>
            <th scope="col">{describeAnswer(title, original)}</th>
            <th scope="col">{describeAnswer('Replayed', replayed)}</th>
          </tr>
        </thead>
        <tbody>
          <StatusRow original={original} replayed={replayed} />
          {differences.filter(isOutsideBody).map(difference => (
            <DifferenceRow difference={difference} />
          ))}
        </tbody>
        <AlignedBodies lines={alignBodies(result)} />
      </table>
      {leftOut.length > 0 && (
        <p class="hint">
          {/* Named here too: a header is not among the lines. */}
          Left out, for it differs between the {runs.length} runs:{' '}
          <EventText text={leftOut.slice(0, MAX_NAMES).join(', ')} maxLength={2000} />
          {leftOut.length > MAX_NAMES && ' …'}
        </p>
      )}
      <Notes notes={notes} />
      <div class="answers">
        <Headers title={title} answer={original} />
        <Headers title="Replayed" answer={replayed} />
      </div>
      <p class="show-all">
        Sent <EventText text={`${request.method} ${request.url}`} maxLength={1000} />.{' '}
        <a href={`/?q=${encodeURIComponent(request.traceId)}`}>Find the replay among the events</a>
      </p>
    </>
  )
}

function Calls({ title, calls = [] }: { title: string; calls: readonly string[] | undefined }) {
  if (calls.length === 0) return null
  return (
    <>
      <h3>{title}</h3>
      <ul>
        {calls.map(call => (
          <li>
            <pre class="code wrapped">
              <EventText text={call} maxLength={2000} />
            </pre>
          </li>
        ))}
      </ul>
    </>
  )
}

function ReplayVerdict({ result }: ReplayResultProps) {
  const { same, compared, verdict, differences, tape, original, replayed } = result
  if (readReplayEnd(result).outcome === 'fixed') {
    const missing = tape && tape.notOnTape.length > 0 ? ` ${verdict}` : ''
    return (
      <p class="verdict same">
        ✓ Fixed: {replayed.statusCode}, where {original.statusCode} was captured.{missing}
      </p>
    )
  }
  if (same) return <p class="verdict same">✓ {verdict}</p>
  if (tape) return <p class="verdict different">≠ {verdict}</p>
  const isDifferent = compared.status || compared.body !== 'none'
  return (
    <p class="verdict different">
      {isDifferent ? `≠ Another response: ${formatCount(differences.length, 'difference')}` : `? ${verdict}`}
    </p>
  )
}

function describeAnswer(title: string, { durationMs }: AnswerView): string {
  return durationMs === undefined ? title : `${title} · ${formatDuration(durationMs)}`
}

/** The status has a row of its own, and the body its lines. */
function isOutsideBody({ path }: Difference): boolean {
  return path.startsWith('header ') || path.startsWith('error')
}

function StatusRow({ original, replayed }: { original: AnswerView; replayed: AnswerView }) {
  const isSame = original.statusCode === replayed.statusCode
  const [before, after] = [original.statusCode ?? '', replayed.statusCode ?? '']
  return (
    <tr class={isSame ? 'line-same' : 'line-changed'}>
      <th scope="row">status</th>
      <td>{isSame || before === '' ? before : <del>{before}</del>}</td>
      <td>{isSame ? after : <ins>{after}</ins>}</td>
    </tr>
  )
}

function Headers({ title, answer: { headers } }: { title: string; answer: AnswerView }) {
  const entries = Object.entries(headers)
  if (entries.length === 0) return null
  return (
    <details>
      <summary>
        {title} headers <span class="count">{entries.length}</span>
      </summary>
      <NamedValues caption={`${title} headers`} entries={entries} rawUrl={undefined} />
    </details>
  )
}
