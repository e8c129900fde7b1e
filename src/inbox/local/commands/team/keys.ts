import { type Actions, listOf, PROJECT, projectPath, readData } from './action.ts'

export const KEY_ACTIONS: Actions = {
  keys: {
    required: [PROJECT],
    async run(ask, { argument }) {
      const rows = listOf(await ask('GET', `${projectPath(argument)}/keys`), 'keys')
      return rows.map(({ id, createdAt }) => `${id}  ${createdAt}`)
    },
  },
  'add-key': {
    required: [PROJECT],
    async run(ask, { argument }) {
      const { key } = readData(await ask('POST', `${projectPath(argument)}/keys`))
      return ['It is shown this once:', `REPLAYSTACK_API_KEY=${key}`]
    },
  },
  'revoke-key': {
    required: [PROJECT, "The key's id"],
    async run(ask, { argument, id }) {
      await ask('DELETE', `${projectPath(argument)}/keys/${encodeURIComponent(id)}`)
      return ['The key is revoked; within 10 seconds nothing takes it any more']
    },
  },
}
