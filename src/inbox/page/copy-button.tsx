/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { NamedIcon } from './icons.tsx'

export interface CopyButtonProps {
  /** Of the button itself, where a key presses it. */
  id?: string | undefined
  /** Id of the element whose text is copied. */
  from?: string | undefined
  /** Where the whole text is, when no element holds it. */
  fromUrl?: string | undefined
  /** What is copied, for whoever does not see where the button stands: `request body`. */
  what?: string | undefined
  /** What the button says. @default 'Copy' */
  text?: string | undefined
}

/** Copies an element's text. It is there once there is a script to do it. */
export function CopyButton({ id, from, fromUrl, what, text = 'Copy' }: CopyButtonProps) {
  return (
    <button type="button" id={id} class="button small scripted" data-copy={from} data-copy-url={fromUrl}>
      <NamedIcon name="copy" />
      <span data-copy-state="">{text}</span>
      {what && <span class="visually-hidden"> {what}</span>}
    </button>
  )
}
