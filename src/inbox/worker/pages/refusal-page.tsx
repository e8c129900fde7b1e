/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { DOCTYPE, TeamFrame } from './team-frame.tsx'

/** A page that has only something to say. */
export function renderRefusalPage(title: string): string {
  return (
    DOCTYPE +
    (
      <TeamFrame title={title}>
        <p>
          <a href="/">← Projects</a>
        </p>
      </TeamFrame>
    )
  )
}
