import { type Actions, describeRights, listOf, readData, writeRights } from './action.ts'

const PERSON = "The person's e-mail address"

/** Those whom Cloudflare Access lets in. */
export const PERSON_ACTIONS: Actions = {
  people: {
    required: [],
    async run(ask) {
      const rows = listOf(await ask('GET', '/people'), 'people')
      return rows.map(person => `${person['identity']}  ${describeRights(person)}`)
    },
  },
  'add-person': {
    required: [PERSON],
    async run(ask, given) {
      const person = readData(await ask('POST', '/people', { identity: given.argument, ...writeRights(given) }))
      return [`${person['identity']} may come in by Cloudflare Access: ${describeRights(person)}`]
    },
  },
  'remove-person': {
    required: [PERSON],
    async run(ask, { argument }) {
      await ask('DELETE', `/people/${encodeURIComponent(argument)}`)
      return [`${argument} is removed; within 10 seconds they do not come in any more`]
    },
  },
}
