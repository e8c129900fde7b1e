/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'
import { assets } from './assets.ts'
import { Mark, NamedIcon } from './icons.tsx'
import { ShortcutsDialog } from './shortcuts-dialog.tsx'
import { TopNavigation } from './top-navigation.tsx'

export type PageKind = 'list' | 'event' | 'compare' | 'issues' | 'issue' | 'routes' | 'message'

export interface LayoutProps {
  title: string
  /** What the client's script looks after. */
  page: PageKind
  /** What the link at the very top leads to. */
  skipTo?: string | undefined
  /** Buttons of this page alone. */
  actions?: Child
  children?: Child
}

/** What every page has: head, top bar, main part, the dialog of shortcuts. */
export function Layout({ title, page, skipTo = 'Skip to content', actions, children }: LayoutProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{title}</title>
        <link rel="icon" href={assets.icon.path} type="image/svg+xml" />
        {/* Before the first paint: a remembered theme must not flash. */}
        <script src={assets.settings.path} />
        <link rel="stylesheet" href={assets.style.path} />
        <script defer src={assets.script.path} />
      </head>
      <body data-page={page}>
        <a class="skip" href="#content">
          {skipTo}
        </a>
        <header class="top">
          <a class="brand" href="/" id="home">
            <Mark />
            <span class="brand-name">
              ReplayStack <span class="brand-part">inbox</span>
            </span>
          </a>
          <TopNavigation page={page} />
          <div class="top-actions">
            {actions}
            <button
              type="button"
              class="button quiet scripted"
              id="density-toggle"
              aria-pressed="false"
              title="Compact rows"
            >
              <NamedIcon name="density" />
              <span class="visually-hidden">Compact rows</span>
            </button>
            <button type="button" class="button quiet scripted" id="theme-toggle" title="Theme">
              <NamedIcon name="theme" />
              <span class="visually-hidden">Theme: </span>
              <span id="theme-name">system</span>
            </button>
            <button type="button" class="button quiet scripted" data-opens="shortcuts" title="Keyboard shortcuts (?)">
              <NamedIcon name="keyboard" />
              <span class="visually-hidden">Keyboard shortcuts</span>
            </button>
          </div>
        </header>
        <main id="content" tabindex={-1}>
          {children}
        </main>
        <ShortcutsDialog />
        <p class="visually-hidden" role="status" id="announcer" />
      </body>
    </html>
  )
}
