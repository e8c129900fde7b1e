/**
 * What is called in another Worker or object: stubs, their methods and properties, functions, and promises of all of these,
 * on which more may be called before they are there. Each wrapper is around the platform's own: no round trip is added.
 */
import { type AnyFunction, isFunction, read } from '../safe-read.ts'
import type { Copied } from './call.ts'
import type { TapeKind } from './format.ts'
import { handOverResponse, recordFetch } from './http.ts'
import type { NotedCall } from './open-tape.ts'
import { asItIs, begin, type FindTape, type HandOver, recordCall } from './record.ts'
import { standsFor, unwrap, wrapFunction } from './wrap.ts'

/** Where something remote is. */
export interface Place {
  readonly kind: TapeKind
  /** The binding; or, below a call, the path to what it returned. */
  readonly target: string
  /** The call that returned it. */
  readonly parent?: NotedCall | undefined
  /** The path from there to the member. */
  readonly member?: string
}

/** Marks for wrappers that are given to another call. */
export const places: WeakMap<object, Copied> = new WeakMap()

const PROMISE_METHODS = ['then', 'catch', 'finally']

/**
 * @param bare the platform's stub, property or promise
 * @param settle what its promise resolves to, for one that came of a call
 */
export function wrapRemote<Target extends object>(
  bare: Target,
  place: Place,
  find: FindTape,
  settle?: () => Promise<unknown>,
): Target {
  let settled: Promise<unknown> | undefined
  const resolve = (): Promise<unknown> => {
    settled ??= settle ? settle() : readProperty(bare, place, find)
    return settled
  }
  const wrapper: Target = new Proxy(bare, {
    get(bare, key) {
      const original: unknown = Reflect.get(bare, key, bare)
      if (typeof key === 'symbol' || key === 'constructor')
        return isFunction(original) ? bind(original, bare) : original
      // Of a stub these are no methods but what the platform says of it.
      if (!isFunction(original)) return original
      if (PROMISE_METHODS.includes(key) && isPromiseOf(bare)) {
        return (...args: unknown[]) => Reflect.apply(Reflect.get(Promise.prototype, key), resolve(), args)
      }
      if (key === 'dup' && isKind(bare, 'JsRpcStub'))
        return () => wrapRemote(Object(Reflect.apply(original, bare, [])), place, find)
      if (key === 'fetch' && isFetcher(bare)) {
        const to = place.kind === 'rpc' ? { ...place, kind: 'service' as const } : place
        return (...args: unknown[]) =>
          recordFetch(find, to, args, sent =>
            Reflect.apply(
              original,
              bare,
              sent.map(one => unwrap(one)),
            ),
          )
      }
      if (key === 'connect' && isFetcher(bare)) {
        find()?.lacks(`${place.target}.connect is not recordable`)
        return bind(original, bare)
      }
      return wrapRemote(original, { ...place, member: place.member ? `${place.member}.${key}` : key }, find)
    },
    apply: (bare, _self, args: unknown[]) => callRemote(bare, place, find, args),
  })
  standsFor(wrapper, bare)
  const mark: Copied = { $: 'stub', target: `${place.target}${place.member ? `.${place.member}` : ''}` }
  places.set(wrapper, mark)
  place.parent?.stubs.push({ mark, path: `${place.target}${place.member ? `.${place.member}` : ''}` })
  return wrapper
}

const bind = (original: AnyFunction, self: object): AnyFunction =>
  wrapFunction(original, args => Reflect.apply(original, self, args))

const kindOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1)
const isKind = (value: unknown, ...kinds: readonly string[]): boolean => kinds.includes(kindOf(value))
const isPromiseOf = (value: unknown): boolean => isKind(value, 'JsRpcPromise', 'JsRpcProperty', 'Promise')
const isFetcher = (value: unknown): boolean => !isKind(value, 'JsRpcStub', 'JsRpcPromise', 'JsRpcProperty', 'Function')

/** A property that is waited for is read then. */
function readProperty(bare: object, place: Place, find: FindTape): Promise<unknown> {
  const { kind, target, parent, member = '' } = place
  const noted = begin(find, () => ({ kind, target, parent, method: `get ${member}`, input: [] }))
  return Promise.resolve(recordCall(noted, () => Promise.resolve(bare), handOverRemote(kind, find)))
}

function callRemote(bare: object, place: Place, find: FindTape, args: readonly unknown[]): unknown {
  const { kind, target, parent, member = '()' } = place
  const isHidden = find()?.rules.names.hides(member.slice(member.lastIndexOf('.') + 1)) !== false
  const noted = begin(find, () => ({ kind, target, parent, method: member, input: args, isHidden }))
  const functions = args.some(isFunction) && args.some(one => isFunction(one) && !places.has(one))
  if (functions) noted?.tape.lacks(`${noted.label} was given a function`)
  const call = bare as AnyFunction
  let result: unknown
  try {
    result = Reflect.apply(
      call,
      undefined,
      args.map(one => unwrap(one)),
    )
  } catch (thrown) {
    noted?.fail(thrown)
    throw thrown
  }
  if (!isPromiseOf(result)) return recordCall(noted, () => result, handOverRemote(kind, find))
  const promise = Object(result)
  return wrapRemote(promise, { kind, target: '', parent: noted ?? parent }, find, () =>
    Promise.resolve(recordCall(noted, () => promise.then((value: unknown) => value), handOverRemote(kind, find))),
  )
}

/** What came from another Worker is handed over with what is recorded of its stubs. */
function handOverRemote(kind: TapeKind, find: FindTape): HandOver {
  return (result, noted) => {
    if (isKind(result, 'Response')) return handOverResponse(result, noted)
    if (isKind(result, 'ReadableStream')) return asItIs(result, noted)
    const given = wrapStubs(result, '', kind, find, noted, 0)
    return { given, noted: given }
  }
}

/** How deep stubs are looked for. */
const MAX_DEPTH = 8

/** Stubs among plain values are replaced where they stand: what came is a copy that nobody else has. */
function wrapStubs(
  value: unknown,
  path: string,
  kind: TapeKind,
  find: FindTape,
  noted: NotedCall | undefined,
  depth: number,
): unknown {
  if (isKind(value, 'JsRpcStub', 'Fetcher', 'DurableObject')) {
    return wrapRemote(Object(value), { kind, target: path, parent: noted }, find)
  }
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return value
  if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) return value
  for (const key of Object.keys(value)) {
    const member: unknown = read(value, key)
    const wrapped = wrapStubs(member, `${path}.${key}`, kind, find, noted, depth + 1)
    if (wrapped !== member) Reflect.set(value, key, wrapped)
  }
  return value
}
