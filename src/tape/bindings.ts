/** Each kind of binding, and how its methods are noted. */

import { MASKED } from '../mask/text.ts'
import { type AnyFunction, isFunction, read } from '../safe-read.ts'
import { type Copied, Ready } from './call.ts'
import { wrapDatabase } from './d1.ts'
import type { TapeKind } from './format.ts'
import { watchArguments } from './given-stream.ts'
import { recordFetch } from './http.ts'
import type { BindingKind } from './kinds.ts'
import { wrapNamespace } from './object.ts'
import { wrapBucket } from './r2.ts'
import { asItIs, begin, contained, copyStream, type FindTape, type HandOver, recordCall } from './record.ts'
import { wrapRemote } from './remote.ts'
import { type Members, standsFor, unwrap, wrapFunction, wrapObject } from './wrap.ts'

/** Methods that are noted by their arguments, and nothing else. */
const PLAIN: { readonly [Kind in BindingKind]?: readonly string[] } = {
  kv: ['get', 'getWithMetadata', 'list', 'put', 'delete'],
  queue: ['send', 'sendBatch', 'metrics'],
  ai: ['run', 'models', 'toMarkdown'],
  vectorize: ['query', 'queryById', 'getByIds', 'insert', 'upsert', 'deleteByIds', 'describe'],
  ratelimit: ['limit'],
}

/** What can be called besides, and changes nothing outside. */
const SILENT: readonly string[] = ['toString', 'valueOf', 'toJSON', 'hasOwnProperty']

/** Arguments for the platform; an iterator is read once. */
export const readArguments = (args: readonly unknown[]): unknown[] =>
  args.map(one => unwrap(isIterator(one) ? [...one] : one))

const isIterator = (value: unknown): value is Iterable<unknown> =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  isFunction(read(value, 'next')) &&
  isFunction(read(value, Symbol.iterator))

/** A method that is noted by its arguments. */
export function noteMethod(
  find: FindTape,
  kind: TapeKind,
  target: string,
  method: string,
  self: object,
  original: AnyFunction,
): AnyFunction {
  return wrapFunction(original, given => {
    const args = readArguments(given)
    const noted = begin(find, ({ rules }) => {
      const [key] = args
      const isHidden = kind === 'kv' && typeof key === 'string' && rules.names.hides(key) !== false
      const input = isHidden && method === 'put' ? [key, MASKED, ...args.slice(2)] : args
      return { kind, target, method, input, isHidden }
    })
    const passed = contained(() => watchArguments(args, noted, noted?.input)) ?? args
    return recordCall(noted, () => Reflect.apply(original, self, passed), handOverValue)
  })
}

/** A stream may be the `value` of what was returned. */
const handOverValue: HandOver = (result, noted) => {
  const stream = read(result, 'value')
  if (!noted || !(stream instanceof ReadableStream)) return asItIs(result, noted)
  const mark: Copied = { $: 'stream' }
  const given = { ...Object(result), value: copyStream(stream, noted, mark, 'text') }
  const { value: _, ...rest } = given
  return { given, noted: new Ready({ value: mark, ...Object(noted.tape.copy(rest, noted)) }) }
}

/** A binding whose calls are noted; the value itself where there is nothing to note. */
export function wrapBinding(value: object, name: string, kind: BindingKind, find: FindTape, isRemote: boolean): object {
  const lacks = (method: string): void => {
    if (!SILENT.includes(method)) find()?.lacks(`${name}.${method} is not recordable`)
  }
  switch (kind) {
    case 'd1':
      return wrapDatabase(value, name, find, lacks)
    case 'r2':
      return wrapBucket(value, name, find, lacks)
    case 'object':
      return wrapNamespace(value, name, find, lacks)
    case 'service':
      return isRemote ? wrapRemote(value, { kind: 'rpc', target: name }, find) : wrapService(value, name, find)
    case 'secret':
      return wrapObject(value, { get: original => readSecret(value, name, find, original) }, lacks)
    case 'hyperdrive':
    case 'unknown':
      find()?.lacks(`${name} is not recordable`)
      return value
    case 'variable':
      return value
    default: {
      const members: Members = Object.fromEntries(
        (PLAIN[kind] ?? []).map(method => [
          method,
          (original: unknown) =>
            isFunction(original) ? noteMethod(find, kind, name, method, value, original) : original,
        ]),
      )
      return wrapObject(value, members, lacks)
    }
  }
}

/** A secret is noted by its name alone. */
function readSecret(self: object, name: string, find: FindTape, original: unknown): unknown {
  if (!isFunction(original)) return original
  return wrapFunction(original, args => {
    find()?.variable(name, undefined)
    return Reflect.apply(original, self, args)
  })
}

/**
 * A service binding of which nobody has said that its methods are RPC. A secret of the Secrets Store may look like one: its
 * `get()` is noted as that, and never what it returns.
 */
function wrapService(bare: object, name: string, find: FindTape): object {
  const get = readSecret(bare, name, find, read(bare, 'get'))
  const wrapper = new Proxy(bare, {
    get(bare, key) {
      const original: unknown = Reflect.get(bare, key, bare)
      if (!isFunction(original) || typeof key === 'symbol' || SILENT.includes(key) || key === 'constructor')
        return original
      if (key === 'fetch') return fetch
      if (key === 'get') return get
      find()?.lacks(
        key === 'connect' ? `${name}.connect is not recordable` : `${name}.${key} is RPC: name ${name} in services`,
      )
      return original
    },
  })
  const own = read(bare, 'fetch')
  const fetch = (...args: unknown[]): unknown =>
    recordFetch(find, { kind: 'service', target: name }, args, sent =>
      isFunction(own)
        ? Reflect.apply(
            own,
            bare,
            sent.map(one => unwrap(one)),
          )
        : undefined,
    )
  standsFor(wrapper, bare)
  return wrapper
}
