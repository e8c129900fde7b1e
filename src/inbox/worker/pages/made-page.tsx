/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { CopyButton } from '../../page/copy-button.tsx'
import { DOCTYPE, type Reader, TeamFrame } from './team-frame.tsx'

export interface MadeKeyPageProps {
  project: string
  key: string
  /** Whether the project was made with it. */
  isFirst: boolean
  /** Where applications send to. */
  origin: string
  reader: Reader
}

/** A key, this once, and what to do with it. */
export function renderMadeKeyPage({ project, key, isFirst, origin, reader }: MadeKeyPageProps): string {
  return (
    DOCTYPE +
    (
      <TeamFrame title={isFirst ? `Project ${project} is made` : `A new key of ${project}`} reader={reader}>
        <ol class="steps">
          <li>
            <div class="panel-head">
              <h2>Keep the key: it is shown this once</h2>
              <CopyButton from="made" what="both lines" />
            </div>
            <pre id="made" class="code wrapped">{`REPLAYSTACK_ENDPOINT=${origin}\nREPLAYSTACK_API_KEY=${key}`}</pre>
            <p class="hint">
              Both are variables of the application: in <code>.dev.vars</code> or <code>.env</code> on a developer’s
              machine, <code>npx wrangler secret put REPLAYSTACK_API_KEY</code> for a Worker.
            </p>
          </li>
          <li>
            <h2>Send the application a request</h2>
            <p>What it records shows up among the project’s events as it happens.</p>
            <p class="single">
              <a class="button primary" href={`/projects/${project}/`}>
                Watch for the first event
              </a>
            </p>
          </li>
          <li>
            <h2>Let others in</h2>
            <p>
              <a href="/admin/people">Make tokens</a>, or add people of Cloudflare Access. The project’s{' '}
              <a href={`/admin/projects/${project}`}>keys and limits</a> have a page of their own.
            </p>
          </li>
        </ol>
      </TeamFrame>
    )
  )
}

export interface MadeTokenPageProps {
  name: string
  token: string
  origin: string
  reader: Reader
}

/** A token, this once. */
export function renderMadeTokenPage({ name, token, origin, reader }: MadeTokenPageProps): string {
  return (
    DOCTYPE +
    (
      <TeamFrame title={`A token for ${name}`} place="/admin/people" reader={reader}>
        <section class="panel">
          <div class="panel-head">
            <h2>Keep it: it is shown this once</h2>
            <CopyButton from="made" what="the token" />
          </div>
          <pre id="made" class="code wrapped">
            {token}
          </pre>
          <p class="hint">
            {name} signs in with it at {origin}/sign-in, and gives it to commands as the variable{' '}
            <code>REPLAYSTACK_INBOX_TOKEN</code>.
          </p>
        </section>
        <p>
          <a href="/admin/people">← People</a>
        </p>
      </TeamFrame>
    )
  )
}
