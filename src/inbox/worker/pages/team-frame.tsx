/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'
import { assets } from '../../page/assets.ts'
import { Mark, NamedIcon } from '../../page/icons.tsx'
import type { Role } from '../directory-store.ts'

export const DOCTYPE = '<!doctype html>'

const PLACES = [
  { name: 'Projects', href: '/' },
  { name: 'People', href: '/admin/people' },
  { name: 'Audit', href: '/admin/audit' },
] as const

/** Who looks at a page. */
export interface Reader {
  name: string
  role: Role
  /** Whether they may decide about projects and people. */
  isAdmin: boolean
  /** Whether Cloudflare Access let them in. */
  cameByAccess: boolean
}

export interface TeamFrameProps {
  title: string
  /** Absent before somebody has signed in. */
  reader?: Reader | undefined
  /** The address of the place in the navigation that the page is of. */
  place?: (typeof PLACES)[number]['href'] | undefined
  /** What was done, where the page follows on it. */
  done?: string | undefined
  /** Why what was asked for was not done. */
  problem?: string | undefined
  children?: Child
}

/** What the pages have that are no project's. */
export function TeamFrame({ title, reader, place, done, problem, children }: TeamFrameProps) {
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
        <script defer src={assets.teamScript.path} />
      </head>
      <body data-page="team">
        <a class="skip" href="#content">
          Skip to content
        </a>
        <header class="top">
          <a class="brand" href="/">
            <Mark />
            <span class="brand-name">
              ReplayStack <span class="brand-part">inbox</span>
            </span>
          </a>
          {reader && (
            <nav class="top-navigation" aria-label="Team">
              {PLACES.filter(({ href }) => href === '/' || reader.isAdmin).map(({ name, href }) => (
                <a href={href} {...(href === place && { 'aria-current': 'page' })}>
                  {name}
                </a>
              ))}
            </nav>
          )}
          <div class="top-actions">
            <button type="button" class="button quiet scripted" id="theme-toggle" title="Theme">
              <NamedIcon name="theme" />
              <span class="visually-hidden">Theme: </span>
              <span id="theme-name">system</span>
            </button>
            {reader && <SignOut reader={reader} />}
          </div>
        </header>
        <main id="content" tabindex={-1} class="team">
          <h1>{title}</h1>
          {problem && (
            <p class="outcome problem" role="alert">
              {problem}
            </p>
          )}
          {done && (
            <p class="outcome" role="status">
              {done}
            </p>
          )}
          {children}
        </main>
        <p class="visually-hidden" role="status" id="announcer" />
      </body>
    </html>
  )
}

/** Who came by Access has no session of ours to end: Access ends its own, at an address that it serves itself. */
function SignOut({ reader: { name, role, cameByAccess } }: { reader: Reader }) {
  const who = (
    <span class="muted signed-in">
      {name} · {role}
    </span>
  )
  if (cameByAccess) {
    return (
      <div class="sign-out">
        {who}
        <a class="button quiet" href="/cdn-cgi/access/logout">
          Sign out
        </a>
      </div>
    )
  }
  return (
    <form method="post" action="/sign-out" class="sign-out">
      {who}
      <button type="submit" class="button quiet">
        Sign out
      </button>
    </form>
  )
}
