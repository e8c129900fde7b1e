/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { EventTime } from '../../page/event-time.tsx'
import type { AuditRecord } from '../audit-log.ts'
import { RowTable } from './row-table.tsx'
import { DOCTYPE, type Reader, TeamFrame } from './team-frame.tsx'

export interface AuditPageProps {
  /** The newest first. */
  entries: readonly AuditRecord[]
  /** The id that older ones are before, where there are any. */
  next: number | undefined
  /** Whether these are the newest of all. */
  isFirst: boolean
  reader: Reader
  now: number
}

/** Who did what. */
export function renderAuditPage({ entries, next, isFirst, reader, now }: AuditPageProps): string {
  return (
    DOCTYPE +
    (
      <TeamFrame title="Audit" place="/admin/audit" reader={reader}>
        <p class="lead">
          Who changed what, the newest first, for a year. What was refused has a status of 400 or more, and some of what
          came with an unknown token is here too.
        </p>
        {entries.length === 0 ? (
          <p class="nothing">{isFirst ? 'Nothing was changed yet.' : 'There is nothing older.'}</p>
        ) : (
          <RowTable columns={['When', 'Who', 'What', 'Status']} class="audit-table">
            {entries.map(entry => (
              <Entry entry={entry} now={now} />
            ))}
          </RowTable>
        )}
        <p class="project-links">
          {isFirst ? <span /> : <a href="/admin/audit">← The newest</a>}
          {next !== undefined && (
            <a rel="next" href={`/admin/audit?before=${next}`}>
              Older →
            </a>
          )}
        </p>
      </TeamFrame>
    )
  )
}

function Entry({ entry: { at, who, action, target, status }, now }: { entry: AuditRecord; now: number }) {
  return (
    <tr>
      <td>
        <EventTime time={at} now={now} />
      </td>
      <th scope="row">{who}</th>
      <td>
        <code>{action}</code>
        {!action.endsWith(target) && (
          <div class="hint">
            made <code>{target}</code>
          </div>
        )}
      </td>
      <td>{status}</td>
    </tr>
  )
}
