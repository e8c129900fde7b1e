/** Durable Objects: their ids, and the stubs that are called. */
import { isFunction, read } from '../safe-read.ts'
import { begin, type FindTape, recordCall } from './record.ts'
import { wrapRemote } from './remote.ts'
import { type Members, wrapFunction, wrapObject } from './wrap.ts'

/** A namespace whose objects' calls are noted. */
export function wrapNamespace(
  namespace: object,
  name: string,
  find: FindTape,
  lacks: (method: string) => void,
): object {
  const id = (method: string) => (original: unknown) =>
    isFunction(original)
      ? wrapFunction(original, args => {
          const noted = begin(find, () => ({ kind: 'object', target: name, method, input: args }))
          return recordCall(noted, () => Reflect.apply(original, namespace, args))
        })
      : original
  const stub = (original: unknown): unknown =>
    isFunction(original)
      ? wrapFunction(original, args => {
          const made = Object(Reflect.apply(original, namespace, args))
          const which = read(made, 'id', 'name') ?? read(made, 'name') ?? read(made, 'id') ?? args[0]
          return wrapRemote(made, { kind: 'object', target: `${name}(${which})` }, find)
        })
      : original
  const members: Members = {
    newUniqueId: id('newUniqueId'),
    idFromName: id('idFromName'),
    idFromString: id('idFromString'),
    get: stub,
    getByName: stub,
    jurisdiction: original =>
      isFunction(original)
        ? wrapFunction(original, args =>
            wrapNamespace(Object(Reflect.apply(original, namespace, args)), name, find, lacks),
          )
        : original,
  }
  return wrapObject(namespace, members, lacks)
}
