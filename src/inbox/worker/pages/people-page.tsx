/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { EventTime } from '../../page/event-time.tsx'
import { type Rights, ROLES, type Role, type Token } from '../directory-store.ts'
import type { Person } from '../people.ts'
import { ConfirmedAction } from './confirmed-action.tsx'
import { RowTable } from './row-table.tsx'
import { DOCTYPE, type Reader, TeamFrame } from './team-frame.tsx'

const ROLE_TEXTS: Readonly<Record<Role, string>> = {
  read: 'read: looks at events, issues and routes',
  write: 'write: changes and deletes events, resolves issues',
  admin: 'admin: decides about projects, keys and people',
}

export interface PeoplePageProps {
  people: readonly Person[]
  tokens: readonly Token[]
  /** The names of all. */
  projects: readonly string[]
  /** Whether Cloudflare Access is set up. */
  hasAccess: boolean
  reader: Reader
  now: number
  done?: string | undefined
  problem?: string | undefined
}

/** Who may come in, and what they may do. */
export function renderPeoplePage(props: PeoplePageProps): string {
  const { reader, done, problem } = props
  return (
    DOCTYPE +
    (
      <TeamFrame title="People" place="/admin/people" reader={reader} done={done} problem={problem}>
        <Tokens {...props} />
        <AccessPeople {...props} />
      </TeamFrame>
    )
  )
}

/** What somebody may do, and since when, as cells of a table's row. */
function RightsCells({ role, projects, since, now }: Rights & { since: string; now: number }) {
  return (
    <>
      <td>{role}</td>
      <td>{describeProjects(projects)}</td>
      <td>
        <EventTime time={since} now={now} />
      </td>
    </>
  )
}

function Tokens({ tokens, projects, now }: PeoplePageProps) {
  return (
    <section class="panel">
      <h2>Tokens</h2>
      <p class="panel-note">For people who sign in without Cloudflare Access, and for programs.</p>
      {tokens.length > 0 && (
        <RowTable columns={['Name', 'Role', 'Projects', 'Made', '']}>
          {tokens.map(({ id, name, role, projects: of, createdAt }) => (
            <tr>
              <th scope="row">{name}</th>
              <RightsCells role={role} projects={of} since={createdAt} now={now} />
              <td class="row-actions">
                <ConfirmedAction
                  action={`/admin/people/tokens/${id}/revoke`}
                  verb="Revoke"
                  what={`the token of ${name}`}
                >
                  Who signed in by it is signed out within 10 seconds.
                </ConfirmedAction>
              </td>
            </tr>
          ))}
        </RowTable>
      )}
      <details class="adding" open={tokens.length === 0}>
        <summary class="button">Make a token</summary>
        <form method="post" action="/admin/people/tokens" class="team-form">
          <div class="field">
            <label for="token-name">Whose it is</label>
            <input id="token-name" name="name" type="text" required maxlength={200} autocomplete="off" />
          </div>
          <RightsFields id="token" projects={projects} />
          <button type="submit" class="button">
            Make it, and show it
          </button>
        </form>
      </details>
    </section>
  )
}

function AccessPeople({ people, projects, hasAccess, now }: PeoplePageProps) {
  return (
    <section class="panel">
      <h2>By Cloudflare Access</h2>
      {!hasAccess && (
        <p class="panel-note">
          Nobody comes in by it before the variable <code>ACCESS_AUD</code> is set: docs/team-inbox.md has the steps.
        </p>
      )}
      {people.length > 0 && (
        <RowTable columns={['Identity', 'Role', 'Projects', 'Added', '']}>
          {people.map(({ identity, role, projects: of, createdAt }) => (
            <tr>
              <th scope="row">{identity}</th>
              <RightsCells role={role} projects={of} since={createdAt} now={now} />
              <td class="row-actions">
                <ConfirmedAction
                  action={`/admin/people/access/${encodeURIComponent(identity)}/remove`}
                  verb="Remove"
                  what={identity}
                >
                  Access may still let them through: here they may do what everybody may, which is nothing unless it is
                  set.
                </ConfirmedAction>
              </td>
            </tr>
          ))}
        </RowTable>
      )}
      <details class="adding">
        <summary class="button">Add a person</summary>
        <form method="post" action="/admin/people/access" class="team-form">
          <div class="field">
            <label for="identity">E-mail address, or the client id of a service token</label>
            <input
              id="identity"
              name="identity"
              type="text"
              required
              maxlength={200}
              autocomplete="off"
              spellcheck={false}
            />
            <span class="hint">Who is there already gets what is chosen here instead.</span>
          </div>
          <RightsFields id="person" projects={projects} />
          <button type="submit" class="button">
            Add the person
          </button>
        </form>
      </details>
    </section>
  )
}

/** What somebody may do, and in which projects. */
function RightsFields({ id, projects }: { id: string; projects: readonly string[] }) {
  return (
    <>
      <div class="field">
        <label for={`${id}-role`}>Role</label>
        <select id={`${id}-role`} name="role">
          {ROLES.map(role => (
            <option value={role}>{ROLE_TEXTS[role]}</option>
          ))}
        </select>
      </div>
      <fieldset>
        <legend>Projects</legend>
        <label class="choice">
          <input type="radio" name="scope" value="all" required /> all, those of later too
        </label>
        <label class="choice">
          <input type="radio" name="scope" value="some" required disabled={projects.length === 0} /> only these:
        </label>
        <div class="choices">
          {projects.map(project => (
            <label class="choice">
              <input type="checkbox" name="project" value={project} /> {project}
            </label>
          ))}
        </div>
      </fieldset>
    </>
  )
}

function describeProjects(projects: Rights['projects']): string {
  return projects ? projects.join(', ') || 'none' : 'all'
}
