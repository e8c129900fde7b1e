/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { MAX_QUERY_LENGTH } from '../query/parse-query.ts'
import { QUERY_FIELDS } from '../query/query-fields.ts'
import { NamedIcon } from './icons.tsx'

export interface QuerySearchProps {
  /** What is searched, for whoever hears the page: `Search events`. */
  label: string
  value: string | undefined
}

/** The field of a form that takes a query. The script completes the term that is being written. */
export function QuerySearch({ label, value }: QuerySearchProps) {
  return (
    <>
      <label class="search">
        <span class="visually-hidden">{label}</span>
        <NamedIcon name="search" />
        <input
          type="search"
          name="query"
          id="search"
          list="query-terms"
          value={value}
          placeholder="Words, status:5xx, duration:>500…"
          maxlength={MAX_QUERY_LENGTH}
          autocomplete="off"
          spellcheck={false}
        />
      </label>
      <datalist id="query-terms">
        {Object.entries(QUERY_FIELDS).flatMap(([name, { values, examples, means }]) =>
          (values ?? examples).map(term => <option value={`${name}:${term}`}>{means}</option>),
        )}
      </datalist>
    </>
  )
}
