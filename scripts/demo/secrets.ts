import { randomBytes, randomInt } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DemoError } from './demo-error.ts'

/** A text that must not reach the store. */
export interface Secret {
  /** Where it was put. */
  what: string
  /** Letters, digits, `-` and `_` alone: no encoding on its way writes it in another form. */
  value: string
}

/** A secret that was found, and where. */
export interface Leak {
  secret: Secret
  place: string
}

/** A text that may be searched: a file's bytes, an event's JSON. */
export interface SearchedText {
  place: string
  text: string
}

/** The secrets that the traffic carries. Others, which the Worker makes, are known when it answers. */
export interface PlantedSecrets {
  apiKey: string
  password: string
  bearerToken: string
  sessionCookie: string
  queryToken: string
  card: string
  declinedCard: string
  taxNumber: string
}

export function createSecrets(): PlantedSecrets {
  const word = (name: string) => `${name}-${randomBytes(9).toString('hex')}`
  const card = (end: string) => `4000${String(randomInt(1e8)).padStart(8, '0')}${end}`
  return {
    apiKey: word('key'),
    password: word('correct-horse'),
    bearerToken: word('device'),
    sessionCookie: word('shopper'),
    queryToken: word('stream'),
    card: card('4242'),
    declinedCard: card('0002'),
    taxNumber: word('tax'),
  }
}

/** The files in which SQLite keeps the events: the database, what it has yet to take over, and its index. */
export function readStoreFiles(folder: string, database: string): SearchedText[] {
  return readdirSync(folder)
    .filter(name => name.startsWith(database))
    .map(name => ({ place: name, text: readFileSync(join(folder, name), 'latin1') }))
}

/**
 * Which secrets are found where, whatever their case.
 *
 * @param control is known to be in the texts: a search that does not see it sees nothing
 */
export function findLeaks(secrets: readonly Secret[], texts: readonly SearchedText[], control: string): Leak[] {
  const searched = texts.map(({ place, text }) => ({ place, text: text.toLowerCase() }))
  if (!searched.some(({ text }) => text.includes(control.toLowerCase()))) {
    throw new DemoError('The store could not be searched: what is certainly in it was not found')
  }
  return secrets.flatMap(secret => {
    const value = secret.value.toLowerCase()
    return searched.flatMap(({ place, text }) => (text.includes(value) ? [{ secret, place }] : []))
  })
}
