/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'

export interface ConfirmedActionProps {
  /** Where it is posted. */
  action: string
  /** What is done: `Revoke`. */
  verb: string
  /** What it is done to, for those who do not see the row that it stands in. */
  what: string
  /** What comes of it. */
  children?: Child
}

/** Something that cannot be taken back: it takes two steps, without a script too. */
export function ConfirmedAction({ action, verb, what, children }: ConfirmedActionProps) {
  return (
    <details class="confirmed">
      <summary class="button small">
        {verb}…<span class="visually-hidden"> {what}</span>
      </summary>
      <form method="post" action={action}>
        <p>{children}</p>
        <button type="submit" class="button small danger">
          {verb} {what}
        </button>
      </form>
    </details>
  )
}
