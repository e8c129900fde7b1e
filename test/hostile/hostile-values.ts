/** Values that hurt whoever reads them, each made anew for every test. Long, because it is a list. */
import { createContext, runInContext } from 'node:vm'

const fail = (): never => {
  throw new Error('user code threw')
}

/** A Proxy of which every trap throws. */
function trapped<Target extends object>(target: Target): Target {
  const traps = Object.getOwnPropertyNames(Reflect).map(name => [name, fail])
  return new Proxy(target, Object.fromEntries(traps))
}

function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}

function nested(levels: number, wrap: (inner: unknown) => unknown): unknown {
  let value: unknown = 'the innermost'
  for (let level = 0; level < levels; level++) value = wrap(value)
  return value
}

function cyclic(): object {
  const value: Record<string, unknown> = { list: [] }
  value['self'] = value
  value['list'] = [value, [value]]
  value['map'] = new Map([['self', value]])
  return value
}

/** An error of which one property is not what it should be, or throws where it is read. */
function lying(name: string, descriptor: PropertyDescriptor): Error {
  return Object.defineProperty(new Error('a lie'), name, { configurable: true, ...descriptor })
}

function selfCaused(): Error {
  const error = new Error('its own cause')
  error.cause = error
  return Object.assign(error, { errors: [error, error] })
}

const inRealm = (code: string): unknown => runInContext(code, createContext())

function sparse(length: number): unknown[] {
  const list: unknown[] = []
  list.length = length
  return list
}

function lengthOf(length: unknown): unknown[] {
  return new Proxy([], { get: (list, key) => (key === 'length' ? length : Reflect.get(list, key)) })
}

const keys = (count: number): object =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`key ${index}`, index]))

function detached(): Uint8Array {
  const bytes = new Uint8Array(8)
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] })
  return bytes
}

function withArguments(..._: unknown[]): IArguments {
  // biome-ignore lint/complexity/noArguments: this is what is handed over.
  return arguments
}

class Hidden {
  #secret = 1
  get shown(): number {
    return this.#secret
  }
}

/** Each by what it is. */
export const HOSTILE_VALUES: readonly (readonly [what: string, make: () => unknown])[] = [
  ['undefined', () => undefined],
  ['null', () => null],
  ['true', () => true],
  ['an empty text', () => ''],
  ['a text of control characters', () => '\0\u0007\u001b[31m\r\nx-injected: 1\u2028\u2029\ufeff\u202e'],
  ['half of a surrogate pair', () => '\ud83d'],
  ['a text between halves', () => '\udc00text\ud800'],
  ['a key of halves', () => ({ '\ud800': '\udc00', ok: 1 })],
  ['NaN', () => Number.NaN],
  ['-Infinity', () => Number.NEGATIVE_INFINITY],
  ['-0', () => -0],
  ['1e308', () => 1e308],
  ['a BigInt', () => 10n],
  ['a BigInt of 100,000 bits', () => 1n << 100_000n],
  ['a symbol', () => Symbol('a')],
  ['a well-known symbol', () => Symbol.iterator],
  ['a function', () => fail],
  ['a class', () => Hidden],
  ['an object of getters that throw', () => Object.defineProperties({}, getters(fail))],
  ['an object of setters', () => ({ set value(_: unknown) {} })],
  ['a toJSON that throws', () => ({ toJSON: fail, a: 1 })],
  ['a toJSON that is a getter that throws', () => Object.defineProperty({}, 'toJSON', { get: fail, enumerable: true })],
  ['a toJSON that answers itself', () => answeringItself()],
  ['a toJSON that answers a BigInt', () => ({ toJSON: () => 1n })],
  ['a Proxy of which every trap throws', () => trapped({})],
  ['a list behind a Proxy of which every trap throws', () => trapped([1, 2])],
  ['a function behind a Proxy of which every trap throws', () => trapped(() => {})],
  ['an error behind a Proxy of which every trap throws', () => trapped(new Error('hidden'))],
  ['a revoked Proxy', () => revoked({})],
  ['a revoked Proxy of a list', () => revoked([])],
  ['a revoked Proxy of a function', () => revoked(() => {})],
  ['a Proxy that answers itself to everything', () => answeringItselfAlways()],
  ['a list of length 2**32-1', () => sparse(2 ** 32 - 1)],
  ['a Proxy of a list of length 2**53', () => lengthOf(2 ** 53)],
  ['a Proxy of a list of length NaN', () => lengthOf(Number.NaN)],
  ['a Proxy of a list whose length is a text', () => lengthOf('many')],
  ['a sparse list with names', () => Object.assign(sparse(3), { 1: 'b', name: 'a', '-1': 'b' })],
  ['a cycle', cyclic],
  ['100,000 levels of objects', () => nested(100_000, inner => ({ inner }))],
  ['100,000 levels of lists', () => nested(100_000, inner => [inner])],
  [
    '100,000 levels of causes',
    () => nested(100_000, cause => Object.assign(Object.create(Error.prototype), { cause })),
  ],
  ['20,000 keys', () => keys(20_000)],
  [
    'an own key __proto__',
    () => JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
  ],
  ['no prototype', () => Object.assign(Object.create(null), { a: 1 })],
  ['a prototype without an end', () => Object.create(Object.create(Object.create(null, getters(fail))))],
  ['a frozen object', () => Object.freeze({ password: 'x', list: Object.freeze([Object.freeze({ token: 'y' })]) })],
  ['a sealed object', () => Object.seal({ password: 'x', a: 1 })],
  ['an object that cannot be extended', () => Object.preventExtensions({ password: 'x' })],
  ['an error whose stack throws', () => lying('stack', { get: fail })],
  ['an error whose message throws', () => lying('message', { get: fail })],
  ['an error whose name throws', () => lying('name', { get: fail })],
  ['an error whose cause throws', () => lying('cause', { get: fail })],
  ['an error whose members throw', () => lying('errors', { get: fail })],
  ['an error whose stack is a list', () => lying('stack', { value: [{ getFileName: fail }] })],
  [
    'an error whose stack is 1 MB of one line',
    () => lying('stack', { value: `Error: a lie\n    at ${'( '.repeat(500_000)}` }),
  ],
  ['an error whose stack lies', () => lying('stack', { value: '    at a (b:1:2)\n'.repeat(1000) })],
  ['an error whose message is a symbol', () => lying('message', { value: Symbol('message') })],
  ['an error whose name is an object', () => lying('name', { value: { toString: fail } })],
  ['an error whose code is a BigInt', () => lying('code', { value: 1n })],
  ['an error whose members have no end', () => lying('errors', { value: lengthOf(Number.POSITIVE_INFINITY) })],
  ['an error that is its own cause', selfCaused],
  ['an error with a toString that throws', () => Object.assign(new Error('mute'), { toString: fail, toJSON: fail })],
  ['an AggregateError of Proxies', () => new AggregateError([trapped({}), revoked({}), null], 'all')],
  ['a DOMException', () => new DOMException('aborted', 'AbortError')],
  ['an error without a prototype', () => Object.setPrototypeOf(new Error('bare'), null)],
  ['an error of another realm', () => inRealm('new TypeError("elsewhere", { cause: new RangeError("behind") })')],
  [
    'an object of another realm',
    () => inRealm('({ password: "x", list: [new Date(0)], map: new Map([["a", 1]]), b: 1n })'),
  ],
  ['a list of another realm', () => inRealm('[1, [2]]')],
  ['a text of another realm', () => inRealm('new String("boxed")')],
  ['a Proxy of another realm', () => inRealm('new Proxy({}, { get() { throw 1 }, ownKeys() { throw 2 } })')],
  ['a date that is none', () => new Date(Number.NaN)],
  ['a date whose toJSON throws', () => Object.assign(new Date(0), { toJSON: fail, toISOString: fail })],
  [
    'a Map of everything',
    () =>
      new Map<unknown, unknown>([
        [{}, 1],
        [Symbol('a'), 2],
        [Number.NaN, 3],
        ['__proto__', 4],
      ]),
  ],
  ['a Set of itself', () => settingItself()],
  [
    'iteration without an end',
    () => ({
      *[Symbol.iterator]() {
        for (;;) yield ['x', 'y']
      },
    }),
  ],
  ['iteration that throws', () => ({ [Symbol.iterator]: fail })],
  ['iteration that answers garbage', () => ({ [Symbol.iterator]: () => ({ next: () => 1 }) })],
  ['pairs that are none', () => [1, null, [], [Symbol('a')], ['name']]],
  ['a promise without an end', () => new Promise(() => {})],
  ['a thenable whose then throws', () => thenable(fail)],
  ['a thenable that never settles', () => thenable(() => {})],
  ['a then that is a getter that throws', () => Object.defineProperty({}, 'then', { get: fail })],
  ['what cannot become a text', () => ({ toString: fail, valueOf: fail, [Symbol.toPrimitive]: fail })],
  ['a tag that throws', () => Object.defineProperty({}, Symbol.toStringTag, { get: fail })],
  ['a tag that lies', () => ({ [Symbol.toStringTag]: 'Headers', a: 1 })],
  ['bytes', () => new Uint8Array(1000)],
  ['bytes that were given away', detached],
  ['shared memory', () => new SharedArrayBuffer(8)],
  ['a DataView', () => new DataView(new ArrayBuffer(8))],
  ['a WeakMap', () => new WeakMap()],
  ['an expression that remembers', () => /a/g],
  ['a boxed text', () => new String('a')],
  ['arguments', () => withArguments(1, 'a')],
  ['the global object', () => globalThis],
  ['a Request', () => new Request('https://h.example/?password=x', { method: 'POST', body: 'a' })],
  ['a Response', () => new Response('a')],
  ['a stream in use', () => streamInUse()],
  ['private members', () => new Hidden()],
  ['an URL', () => new URL('https://a:b@h.example/?password=x')],
]

function getters(get: () => unknown): PropertyDescriptorMap {
  const names = [
    'a',
    'message',
    'status',
    'traceId',
    'level',
    'metadata',
    'requestPayload',
    'length',
    'headers',
    'post',
  ]
  return Object.fromEntries(names.map(name => [name, { get, enumerable: true }]))
}

function answeringItself(): object {
  const value = { toJSON: () => value }
  return value
}

function answeringItselfAlways(): object {
  const value: object = new Proxy(() => {}, { get: () => value, apply: () => value, has: () => true })
  return value
}

function settingItself(): Set<unknown> {
  const set = new Set<unknown>([1])
  return set.add(set)
}

const thenable = (then: () => void): object => Object.defineProperty({}, 'then', { value: then, enumerable: true })

function streamInUse(): ReadableStream {
  const stream = new ReadableStream()
  stream.getReader()
  return stream
}

/** What is so large that not every place is tried with it. */
export const HUGE_VALUES: readonly (readonly [what: string, make: () => unknown])[] = [
  ['a million keys', () => keys(1_000_000)],
  ['a million elements', () => Array.from({ length: 1_000_000 }, (_, index) => index)],
  ['a text of 10 MB', () => 'text '.repeat(2_000_000)],
  ['a name of 5 MB', () => ({ ['name '.repeat(1_000_000)]: 1 })],
]
