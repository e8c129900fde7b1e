/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { EventStatus } from '../../types.ts'
import { EVENT_TYPES } from '../event-values.ts'
import { lineText } from './event-text.tsx'
import { StatusBadge } from './icons.tsx'
import { isFiltered, type ListConditions, listUrl } from './list-url.ts'
import { QuerySearch } from './query-search.tsx'

/** The order in which a reader looks for them. */
const STATUSES: readonly EventStatus[] = ['failed', 'warning', 'success', 'pending']

/** UTF-16 units of a service's name that the list's address takes. */
const MAX_SERVICE_LENGTH = 200

export interface FilterFormProps {
  conditions: ListConditions
  /** Events of each status that the other conditions let through. */
  counts: Readonly<Record<EventStatus, number>>
  services: readonly string[]
}

/** Which events the list holds. Works by itself as a form; with a script, without leaving the page. */
export function FilterForm({ conditions, counts, services }: FilterFormProps) {
  const { status, type, service, q, queryText } = conditions
  return (
    <div class="filters">
      <nav class="tabs" id="tabs" aria-label="Status">
        <StatusTab conditions={conditions} count={STATUSES.reduce((sum, name) => sum + counts[name], 0)} />
        {STATUSES.filter(name => name !== 'pending' || counts.pending > 0 || status === name).map(name => (
          <StatusTab conditions={conditions} status={name} count={counts[name]} />
        ))}
      </nav>
      <search class="filter-form">
        <form action="/" method="get" id="filters">
          {status && <input type="hidden" name="status" value={status} />}
          <QuerySearch label="Search events" value={queryText ?? q} />
          <label class="pick">
            <span class="pick-name">Type</span>
            <select name="type" id="type">
              <option value="">any</option>
              {EVENT_TYPES.map(name => (
                <option value={name} selected={name === type}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          <label class="pick" id="pick-service" hidden={services.length === 0 && !service}>
            <span class="pick-name">Service</span>
            <select name="service" id="service">
              <option value="">any</option>
              {withChosen(services, service).map(name => (
                <option value={name} selected={name === service}>
                  {lineText(name, 60)}
                </option>
              ))}
            </select>
          </label>
          <button type="submit" class="button unscripted">
            Filter
          </button>
          {/* Keeps its room where there is nothing to clear, so that the list stays in its place. */}
          <a class={isFiltered(conditions) ? 'clear-filters' : 'clear-filters idle'} id="clear-filters" href="/">
            Clear filters
          </a>
        </form>
      </search>
    </div>
  )
}

function StatusTab({ conditions, status, count }: { conditions: ListConditions; status?: EventStatus; count: number }) {
  const isCurrent = conditions.status === status
  const current = isCurrent ? ({ 'aria-current': 'true' } as const) : {}
  return (
    <a class="tab" href={listUrl({ ...conditions, status })} data-filter="" {...current}>
      {status ? <StatusBadge status={status} /> : 'All'} <span class="count">{count.toLocaleString('en-US')}</span>
    </a>
  )
}

/** A service that has no events any more can still be chosen; one whose name no filter takes cannot. */
function withChosen(services: readonly string[], chosen: string | undefined): readonly string[] {
  const known = services.filter(name => name.length <= MAX_SERVICE_LENGTH)
  return !chosen || known.includes(chosen) ? known : [...known, chosen]
}
