import { type Actions, listOf } from './action.ts'

export const AUDIT_ACTIONS: Actions = {
  audit: {
    required: [],
    async run(ask) {
      const rows = listOf(await ask('GET', '/audit'), 'entries').reverse()
      return rows.map(({ at, who, action, target, status }) => {
        const made = String(action).endsWith(String(target)) ? '' : `  made ${target}`
        return `${at}  ${status}  ${who}  ${action}${made}`
      })
    },
  },
}
