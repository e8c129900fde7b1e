/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { PageKind } from './layout.tsx'

const PLACES: readonly { id: string; name: string; href: string; pages: readonly PageKind[] }[] = [
  { id: 'go-issues', name: 'Issues', href: '/issues', pages: ['issues', 'issue'] },
  { id: 'go-events', name: 'Events', href: '/', pages: ['list', 'event', 'compare'] },
  { id: 'go-routes', name: 'Routes', href: '/routes', pages: ['routes'] },
]

/** Between the inbox's lists. */
export function TopNavigation({ page }: { page: PageKind }) {
  return (
    <nav class="top-navigation" aria-label="Inbox">
      {PLACES.map(({ id, name, href, pages: [list, ...below] }) => {
        const current = page === list ? 'page' : below.includes(page) ? 'true' : undefined
        return (
          <a id={id} href={href} {...(current && { 'aria-current': current })}>
            {name}
          </a>
        )
      })}
    </nav>
  )
}
