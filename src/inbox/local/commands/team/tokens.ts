import { type Actions, listOf, readData } from './action.ts'

export const TOKEN_ACTIONS: Actions = {
  tokens: {
    required: [],
    async run(ask) {
      const rows = listOf(await ask('GET', '/tokens'), 'tokens')
      return rows.map(({ id, name, role, projects }) => {
        const scope = Array.isArray(projects) ? projects.join(', ') : 'all projects'
        return `${id}  ${role}  ${scope}  ${name}`
      })
    },
  },
  'add-token': {
    required: ["The person's name"],
    async run(ask, { argument, projects, values: { role } }) {
      const body = { name: argument, ...(role && { role }), ...(projects.length > 0 && { projects }) }
      const { token } = readData(await ask('POST', '/tokens', body))
      return ['It is shown this once:', `REPLAYSTACK_INBOX_TOKEN=${token}`]
    },
  },
  'revoke-token': {
    required: ["The token's id"],
    async run(ask, { argument }) {
      await ask('DELETE', `/tokens/${encodeURIComponent(argument)}`)
      return ['The token is revoked; within 10 seconds nothing takes it any more']
    },
  },
}
