import { BASE } from './style-base.ts'
import { EVENT } from './style-event.ts'
import { LIST } from './style-list.ts'
import { THEME } from './style-theme.ts'

/** The pages' one stylesheet. */
export function stylesheet(): string {
  return [THEME, BASE, LIST, EVENT].join('')
}
