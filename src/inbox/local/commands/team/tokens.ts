import { type Actions, describeRights, listOf, readData, writeRights } from './action.ts'

export const TOKEN_ACTIONS: Actions = {
  tokens: {
    required: [],
    async run(ask) {
      const rows = listOf(await ask('GET', '/tokens'), 'tokens')
      return rows.map(token => `${token['id']}  ${describeRights(token)}  ${token['name']}`)
    },
  },
  'add-token': {
    required: ["The person's name"],
    async run(ask, given) {
      const { token } = readData(await ask('POST', '/tokens', { name: given.argument, ...writeRights(given) }))
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
