import { COMMON } from './client-common.ts'
import { EVENT_SCRIPT } from './client-event.ts'
import { KEYBOARD_SCRIPT } from './client-keyboard.ts'
import { LIST_SCRIPT } from './client-list.ts'

/** The pages' one module, written by hand and served as it stands. */
export function clientScript(): string {
  return [COMMON, LIST_SCRIPT, EVENT_SCRIPT, KEYBOARD_SCRIPT].join('')
}
