/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { QueryError } from '../query/query-error.ts'
import { EventText } from './event-text.tsx'

/** Marks in a query what is wrong with it. */
export function QueryProblem({ error: { start, end, message }, query }: { error: QueryError; query: string }) {
  return (
    <div class="nothing-found" id="query-error">
      <h2>This query means nothing</h2>
      <p class="mono">
        <EventText text={query.slice(0, start)} />
        <mark>
          <EventText text={query.slice(start, end)} />
        </mark>
        <EventText text={query.slice(end)} />
      </p>
      <p>
        <EventText text={message} maxLength={600} />
      </p>
    </div>
  )
}
