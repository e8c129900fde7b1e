import type { EventStatus } from '../types.ts'

const CODES = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39], cyan: [36, 39] } as const

export type Style = keyof typeof CODES

/** How each status looks. */
export const STATUS_STYLES: Readonly<Record<EventStatus, Style>> = {
  failed: 'red',
  warning: 'yellow',
  success: 'green',
  pending: 'cyan',
}

export type Paint = (style: Style, text: string) => string

/** A function that styles text for a terminal, or leaves it plain. */
export function createPaint(color: boolean): Paint {
  if (!color) return (_style, text) => text
  return (style, text) => {
    const [open, close] = CODES[style]
    return text === '' ? '' : `\u001b[${open}m${text}\u001b[${close}m`
  }
}
