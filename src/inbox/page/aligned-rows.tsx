/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { AlignedLine } from '../replay/align-bodies.ts'
import type { Difference } from '../replay/compare-json.ts'
import { EventText } from './event-text.tsx'
import { formatCount } from './size-text.ts'

/** Lines of the two bodies that a page shows. */
const MAX_LINES = 400

/** UTF-16 units of one line that a page shows. */
const MAX_LINE_LENGTH = 600

/** One difference: what it was, and what it is. */
export function DifferenceRow({
  difference: { path, kind, original, replayed },
  name = path,
  isNoise = false,
}: {
  difference: Difference
  /** What the reader knows the path as. */
  name?: string | undefined
  isNoise?: boolean
}) {
  return (
    <tr class={`line-${isNoise ? 'noise' : kind}`}>
      <th scope="row">
        <EventText text={name} maxLength={200} />
        {isNoise && ' · noise'}
      </th>
      <td>
        {kind !== 'added' && (
          <del>
            <EventText text={original} maxLength={MAX_LINE_LENGTH} />
          </del>
        )}
      </td>
      <td>
        {kind !== 'removed' && (
          <ins>
            <EventText text={replayed} maxLength={MAX_LINE_LENGTH} />
          </ins>
        )}
      </td>
    </tr>
  )
}

/** Two bodies line by line, as a part of a table with three columns. */
export function AlignedBodies({ lines }: { lines: readonly AlignedLine[] }) {
  if (lines.length === 0) {
    return (
      <tbody>
        <tr>
          <th scope="row">body</th>
          <td class="nothing">No body</td>
          <td class="nothing">No body</td>
        </tr>
      </tbody>
    )
  }
  return (
    <tbody class="aligned-body">
      {lines.slice(0, MAX_LINES).map((line, index) => (
        <tr class={`line-${line.kind}`}>
          <LineMark text={index === 0 ? `body ${MARKS[line.kind]}`.trim() : MARKS[line.kind]} />
          {line.kind === 'omitted' ? (
            <td colspan={2} class="omitted">
              … {formatCount(line.count ?? 0, 'equal line')}
            </td>
          ) : (
            <>
              <LineCell text={line.original} kind={line.kind} as="del" />
              <LineCell text={line.replayed} kind={line.kind} as="ins" />
            </>
          )}
        </tr>
      ))}
      {lines.length > MAX_LINES && (
        <tr class="line-omitted">
          <LineMark text="" />
          <td colspan={2} class="omitted">
            … {formatCount(lines.length - MAX_LINES, 'more line')}
          </td>
        </tr>
      )}
    </tbody>
  )
}

/** A header only where it says something. */
function LineMark({ text }: { text: string }) {
  return text === '' ? <td class="line-mark" /> : <th scope="row">{text}</th>
}

/** What a line is, for whoever does not see its colour. */
const MARKS: Readonly<Record<AlignedLine['kind'], string>> = {
  same: '',
  changed: '≠',
  added: '+',
  removed: '−',
  noise: 'noise',
  plain: '',
  omitted: '',
}

function LineCell({
  text,
  kind,
  as: Changed,
}: {
  text: string | undefined
  kind: AlignedLine['kind']
  as: 'del' | 'ins'
}) {
  if (text === undefined) return <td class="absent-line" />
  const shown = <EventText text={text} maxLength={MAX_LINE_LENGTH} />
  const isChanged = kind === 'changed' || kind === 'added' || kind === 'removed'
  return <td>{isChanged ? <Changed>{shown}</Changed> : shown}</td>
}
