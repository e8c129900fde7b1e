/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'
import { assets } from '../page/assets.ts'
import { Mark } from '../page/icons.tsx'

const DOCTYPE = '<!doctype html>'

interface FrameProps {
  title: string
  children?: Child
}

/** What the pages have that are no project's. */
function Frame({ title, children }: FrameProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} · ReplayStack inbox`}</title>
        <link rel="icon" href={assets.icon.path} type="image/svg+xml" />
        <script src={assets.settings.path} />
        <link rel="stylesheet" href={assets.style.path} />
      </head>
      <body data-page="message">
        <header class="top">
          <a class="brand" href="/">
            <Mark />
            <span class="brand-name">
              ReplayStack <span class="brand-part">inbox</span>
            </span>
          </a>
        </header>
        <main id="content" tabindex={-1}>
          <div class="message">
            <h1>{title}</h1>
            {children}
          </div>
        </main>
      </body>
    </html>
  )
}

export interface SignInPageProps {
  /** Where to go from there. */
  next: string
  /** Whether the token that was given is none. */
  isRefused?: boolean
}

export function renderSignInPage({ next, isRefused }: SignInPageProps): string {
  return (
    DOCTYPE +
    (
      <Frame title="Sign in">
        <form method="post" action="/sign-in" class="sign-in">
          <input type="hidden" name="next" value={next} />
          <label for="token">Your token</label>
          <input
            id="token"
            name="token"
            type="password"
            autocomplete="current-password"
            required
            aria-describedby={isRefused ? 'refusal' : undefined}
          />
          {isRefused && (
            <p id="refusal" role="alert">
              This token is unknown here. It may have been revoked.
            </p>
          )}
          <button type="submit" class="button">
            Sign in
          </button>
        </form>
      </Frame>
    )
  )
}

export interface ProjectsPageProps {
  /** The names of those that the visitor may read. */
  projects: readonly string[]
  /** The visitor's. */
  name: string
}

export function renderProjectsPage({ projects, name }: ProjectsPageProps): string {
  return (
    DOCTYPE +
    (
      <Frame title="Projects">
        {projects.length === 0 && (
          <p>
            There is none yet. <code>POST /api/v1/admin/projects</code> makes one, with its first key.
          </p>
        )}
        <ul class="projects">
          {projects.map(project => (
            <li key={project}>
              <a href={`/projects/${project}/`}>{project}</a>
            </li>
          ))}
        </ul>
        <form method="post" action="/sign-out">
          <p class="muted">Signed in as {name}</p>
          <button type="submit" class="button quiet">
            Sign out
          </button>
        </form>
      </Frame>
    )
  )
}
