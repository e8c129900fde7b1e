/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'

export interface RowTableProps {
  /** Their names; an empty one is the column of what can be done. */
  columns: readonly string[]
  /** A class of its own. */
  class?: string
  /** Its rows. */
  children?: Child
}

/** A table that is read row by row where there is little room. */
export function RowTable({ columns, class: own, children }: RowTableProps) {
  return (
    <table class={['plain-table row-table', own].filter(Boolean).join(' ')}>
      <thead>
        <tr>{columns.map(name => (name === '' ? <td /> : <th scope="col">{name}</th>))}</tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  )
}
