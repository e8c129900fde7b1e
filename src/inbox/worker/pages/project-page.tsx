/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { EventTime } from '../../page/event-time.tsx'
import type { ApiKey, ProjectLimits, ProjectRetention } from '../directory-store.ts'
import { DEFAULT_DAYS, DEFAULT_EVENTS } from '../retention.ts'
import type { ProjectUsage } from '../usage.ts'
import { ConfirmedAction } from './confirmed-action.tsx'
import { RowTable } from './row-table.tsx'
import { DOCTYPE, type Reader, TeamFrame } from './team-frame.tsx'
import { UsageLine, UsageTable } from './usage-view.tsx'

export interface ProjectPageProps {
  project: ProjectUsage
  keys: readonly ApiKey[]
  reader: Reader
  now: number
  done?: string | undefined
  problem?: string | undefined
}

/** What an admin decides about one project. */
export function renderProjectPage({ project, keys, reader, now, done, problem }: ProjectPageProps): string {
  const { project: name, enabled, limits, retention, usage } = project
  const path = `/admin/projects/${name}`
  return (
    DOCTYPE +
    (
      <TeamFrame title={name} reader={reader} done={done} problem={problem}>
        <p class="project-links">
          <a href="/">← All projects</a>
          <a class="button" href={`/projects/${name}/`}>
            Its events
          </a>
        </p>
        {!enabled && <p class="outcome problem">This project is disabled: its events are refused with 403.</p>}
        <Keys path={path} keys={keys} now={now} />
        <section class="panel">
          <h2>Usage</h2>
          <UsageLine project={project} now={now} />
          {usage && usage.length > 0 && <UsageTable usage={usage} />}
        </section>
        <Limits path={path} limits={limits} />
        <Retention path={path} retention={retention} />
        <section class="panel">
          <h2>{enabled ? 'Disable it' : 'Enable it'}</h2>
          {enabled ? (
            <ConfirmedAction action={`${path}/disable`} verb="Disable" what={name}>
              Its events are refused with 403 until it is enabled again, and are lost. What it has stays readable.
            </ConfirmedAction>
          ) : (
            <form method="post" action={`${path}/enable`} class="single">
              <button type="submit" class="button">
                Take its events again
              </button>
            </form>
          )}
        </section>
      </TeamFrame>
    )
  )
}

function Keys({ path, keys, now }: { path: string; keys: readonly ApiKey[]; now: number }) {
  return (
    <section class="panel">
      <div class="panel-head">
        <h2>API keys</h2>
        <form method="post" action={`${path}/keys`}>
          <button type="submit" class="button small">
            Make a key
          </button>
        </form>
      </div>
      {keys.length === 0 ? (
        <p class="nothing">It has none: no application can send to it.</p>
      ) : (
        <RowTable columns={['Id', 'Made', '']}>
          {keys.map(({ id, createdAt }) => (
            <tr>
              <th scope="row" class="mono">
                {id.slice(0, 8)}
              </th>
              <td>
                <EventTime time={createdAt} now={now} />
              </td>
              <td class="row-actions">
                <ConfirmedAction action={`${path}/keys/${id}/revoke`} verb="Revoke" what={`key ${id.slice(0, 8)}`}>
                  Applications that send with it are refused with 401 within 10 seconds.
                </ConfirmedAction>
              </td>
            </tr>
          ))}
        </RowTable>
      )}
      <p class="hint">A key itself is shown once, when it is made: only its hash is kept.</p>
    </section>
  )
}

function Limits({ path, limits }: { path: string; limits: ProjectLimits }) {
  return (
    <form method="post" action={`${path}/limits`} class="panel team-form">
      <h2>Limits</h2>
      <div class="needs">
        <NumberField name="month" label="Events a month" value={limits.month} without="no limit" />
        <NumberField name="second" label="Events a second, on average" value={limits.second} without="no limit" />
      </div>
      <p class="hint">An empty field is no limit. What is beyond one is refused with 429.</p>
      <button type="submit" class="button">
        Save the limits
      </button>
    </form>
  )
}

function Retention({ path, retention }: { path: string; retention: ProjectRetention }) {
  return (
    <form method="post" action={`${path}/retention`} class="panel team-form">
      <h2>How long events are kept</h2>
      <div class="needs">
        <NumberField name="days" label="Days" value={retention.days} without={String(DEFAULT_DAYS)} />
        <NumberField
          name="events"
          label="Events, the newest ones"
          value={retention.events}
          without={String(DEFAULT_EVENTS)}
        />
      </div>
      <p class="hint">What is pinned stays. An empty field means the number that it shows in grey.</p>
      <button type="submit" class="button">
        Save how long
      </button>
    </form>
  )
}

interface NumberFieldProps {
  name: string
  label: string
  value: number | null
  /** What holds where there is no number. */
  without: string
}

function NumberField({ name, label, value, without }: NumberFieldProps) {
  return (
    <div class="field">
      <label for={`number-${name}`}>{label}</label>
      <input
        id={`number-${name}`}
        name={name}
        type="number"
        min={1}
        step={1}
        max={Number.MAX_SAFE_INTEGER}
        value={value ?? undefined}
        placeholder={without}
      />
    </div>
  )
}
