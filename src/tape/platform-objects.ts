/** Objects of the platform's, or fakes of them, as they are told apart and told. */
import { isFunction, read } from '../safe-read.ts'
import type { Copied } from './call.ts'

/** Whether it is an R2 object, the platform's or a fake of it. */
export const isStored = (object: object): boolean =>
  isFunction(read(object, 'writeHttpMetadata')) && read(object, 'httpEtag') !== undefined

/** The id of a Durable Object. */
export function describeId(id: object): Copied {
  const name = read(id, 'name')
  return { $: 'id', id: String(id), ...(typeof name === 'string' && { name }) }
}
