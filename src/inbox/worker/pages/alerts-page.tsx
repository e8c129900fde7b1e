/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { Alert } from '../../alerts/alert.ts'
import { CopyButton } from '../../page/copy-button.tsx'
import { lineText } from '../../page/event-text.tsx'
import { EventTime } from '../../page/event-time.tsx'
import { ConfirmedAction } from './confirmed-action.tsx'
import { DOCTYPE, type Reader, TeamFrame } from './team-frame.tsx'

/** What a form was filled with, by the names of its fields. */
export type AlertForm = Readonly<Record<string, string>>

export interface AlertsPageProps {
  project: string
  alerts: readonly Alert[]
  reader: Reader
  /** Whether the reader may make and change alerts. */
  canWrite: boolean
  now: number
  done?: string | undefined
  problem?: string | undefined
  /** What was written where there was a problem with it. */
  form?: AlertForm | undefined
}

/** When somebody is told of a project's events. */
export function renderAlertsPage(props: AlertsPageProps): string {
  const { project, alerts, reader, canWrite, now, done, problem, form } = props
  const path = `/projects/${project}/alerts`
  return (
    DOCTYPE +
    (
      <TeamFrame title={`Alerts of ${project}`} reader={reader} done={done} problem={problem}>
        <p class="project-links">
          <a href={`/projects/${project}/`}>← Its events</a>
        </p>
        {alerts.length === 0 ? (
          <p class="lead">
            There is none yet. A rule posts to a webhook, of Slack, Discord or your own, when so many events of a query
            came in within a time.
          </p>
        ) : (
          alerts.map(alert => <AlertPanel alert={alert} path={path} project={project} canWrite={canWrite} now={now} />)
        )}
        {canWrite && <NewAlert path={path} isOpen={alerts.length === 0 || form !== undefined} form={form} />}
      </TeamFrame>
    )
  )
}

interface AlertPanelProps {
  alert: Alert
  path: string
  project: string
  canWrite: boolean
  now: number
}

function AlertPanel({ alert, path, project, canWrite, now }: AlertPanelProps) {
  const { alertId, name, query, threshold, windowMinutes, url, hasContent, enabled, triggeredAt, failure } = alert
  const window = windowMinutes === 1 ? 'a minute' : `${windowMinutes} minutes`
  return (
    <section class="panel">
      <div class="panel-head">
        <h2>
          {name} {!enabled && <span class="badge">off</span>}
        </h2>
        <span class="muted">
          {triggeredAt ? (
            <>
              Triggered <EventTime time={triggeredAt} now={now} />
            </>
          ) : (
            'Never triggered'
          )}
        </span>
      </div>
      <p>
        {threshold} or more events of{' '}
        <a class="mono" href={`/projects/${project}/?${new URLSearchParams({ query })}`}>
          {query === '' ? 'all' : lineText(query)}
        </a>{' '}
        within {window}, to <span class="mono">{url}</span>
        {hasContent && ', with the newest event’s error and route'}
      </p>
      {failure && <p class="outcome problem">{failure}.</p>}
      {canWrite && (
        <div class="alert-actions">
          <form method="post" action={`${path}/${alertId}/test`}>
            <button type="submit" class="button small">
              Send a test<span class="visually-hidden"> of {name}</span>
            </button>
          </form>
          <form method="post" action={`${path}/${alertId}/${enabled ? 'disable' : 'enable'}`}>
            <button type="submit" class="button small">
              Switch {enabled ? 'off' : 'on'}
              <span class="visually-hidden"> {name}</span>
            </button>
          </form>
          <ConfirmedAction action={`${path}/${alertId}/remove`} verb="Remove" what={name}>
            Messages that its webhook has not taken yet are not sent any more.
          </ConfirmedAction>
        </div>
      )}
    </section>
  )
}

function NewAlert({ path, isOpen, form = {} }: { path: string; isOpen: boolean; form?: AlertForm | undefined }) {
  return (
    <details class="adding" open={isOpen}>
      <summary class="button">Make an alert</summary>
      <form method="post" action={path} class="panel team-form">
        <Field name="name" label="Name" value={form['name'] ?? ''} required />
        <Field name="query" label="Query" value={form['query'] ?? 'is:failed'} placeholder="all events" />
        <div class="needs">
          <Field name="threshold" label="Events" value={form['threshold'] ?? '1'} type="number" max={10_000} required />
          <Field
            name="windowMinutes"
            label="Within minutes"
            value={form['windowMinutes'] ?? '5'}
            type="number"
            max={1440}
            required
          />
        </div>
        <Field
          name="url"
          label="Webhook"
          value={form['url'] ?? ''}
          type="url"
          placeholder="https://hooks.slack.com/services/…"
          required
        />
        <label class="choice">
          <input type="checkbox" name="hasContent" value="true" checked={form['hasContent'] === 'true'} />
          With the newest event’s error and route
        </label>
        <button type="submit" class="button primary">
          Make the alert
        </button>
      </form>
    </details>
  )
}

interface FieldProps {
  name: string
  label: string
  value: string
  type?: 'text' | 'number' | 'url'
  max?: number
  placeholder?: string
  required?: boolean
}

function Field({ name, label, value, type = 'text', max, placeholder, required }: FieldProps) {
  return (
    <div class="field">
      <label for={`alert-${name}`}>{label}</label>
      <input
        id={`alert-${name}`}
        name={name}
        type={type}
        value={value}
        required={required}
        placeholder={placeholder}
        {...(type === 'number' && { min: 1, max, step: 1 })}
      />
    </div>
  )
}

export interface MadeAlertPageProps {
  project: string
  name: string
  secret: string
  reader: Reader
}

/** The secret that an alert's messages are signed by, this once. */
export function renderMadeAlertPage({ project, name, secret, reader }: MadeAlertPageProps): string {
  return (
    DOCTYPE +
    (
      <TeamFrame title={`Alert ${name} is made`} reader={reader}>
        <section class="panel">
          <div class="panel-head">
            <h2>Its messages are signed: this secret is shown this once</h2>
            <CopyButton from="made" what="the secret" />
          </div>
          <pre id="made" class="code wrapped">
            {secret}
          </pre>
          <p class="hint">
            A webhook of your own checks <code>webhook-signature</code> by it, as Standard Webhooks has it. Slack and
            Discord do not look at it.
          </p>
        </section>
        <p>
          <a href={`/projects/${project}/alerts`}>← Alerts of {project}</a>
        </p>
      </TeamFrame>
    )
  )
}
