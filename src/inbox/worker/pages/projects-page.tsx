/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { ProjectUsage } from '../usage.ts'
import { DOCTYPE, type Reader, TeamFrame } from './team-frame.tsx'
import { UsageLine } from './usage-view.tsx'

export interface ProjectsPageProps {
  /** Those that the reader may read. */
  projects: readonly ProjectUsage[]
  reader: Reader
  now: number
  problem?: string | undefined
  /** The name that was asked for, where there was a problem with it. */
  wanted?: string | undefined
}

/** Where everybody begins: the projects that they may read. */
export function renderProjectsPage({ projects, reader, now, problem, wanted }: ProjectsPageProps): string {
  const isFirst = projects.length === 0
  return (
    DOCTYPE +
    (
      <TeamFrame title="Projects" place="/" reader={reader} problem={problem}>
        {isFirst && <Welcome isAdmin={reader.isAdmin} />}
        <ul class="projects">
          {projects.map(project => (
            <li class="panel">
              <div class="panel-head">
                <h2>
                  <a href={`/projects/${project.project}/`}>{project.project}</a>{' '}
                  {!project.enabled && <span class="badge">disabled</span>}
                </h2>
                {reader.isAdmin && (
                  <a class="button small" href={`/admin/projects/${project.project}`}>
                    Keys and limits<span class="visually-hidden"> of {project.project}</span>
                  </a>
                )}
              </div>
              <UsageLine project={project} now={now} />
            </li>
          ))}
        </ul>
        {reader.isAdmin && <NewProject isFirst={isFirst} wanted={wanted} />}
      </TeamFrame>
    )
  )
}

function Welcome({ isAdmin }: { isAdmin: boolean }) {
  if (!isAdmin) {
    return (
      <p class="lead">There is no project that you may read. Somebody who is an admin here can let you into one.</p>
    )
  }
  return (
    <p class="lead">
      A project takes the events of one application, or of several that belong together, and keeps them apart from all
      others. Make the first one, and you get the key that its applications send with.
    </p>
  )
}

function NewProject({ isFirst, wanted }: { isFirst: boolean; wanted: string | undefined }) {
  return (
    <form method="post" action="/admin/projects" class="panel team-form">
      <h2>{isFirst ? 'Make the first project' : 'Make a project'}</h2>
      <div class="field">
        <label for="project">Name</label>
        <input
          id="project"
          name="project"
          type="text"
          required
          maxlength={40}
          pattern="[a-z0-9](-?[a-z0-9])*"
          title="Lower-case letters, digits, and single hyphens between them"
          placeholder="shop"
          value={wanted}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          aria-describedby="project-hint"
        />
        <span class="hint" id="project-hint">
          Lower-case letters, digits, and single hyphens between them. It is part of keys and addresses, and stays.
        </span>
      </div>
      <button type="submit" class={isFirst ? 'button primary' : 'button'}>
        Make it, and show its key
      </button>
    </form>
  )
}
