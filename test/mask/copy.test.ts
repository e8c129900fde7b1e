import { createContext, runInContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { copyMasked } from '../../src/mask/copy.ts'
import { maskSensitiveData, maskStrings, maskTextWithin } from '../../src/mask/json.ts'
import { maskJsonNames } from '../../src/mask/json-text.ts'
import { compileMaskNames } from '../../src/mask/names.ts'
import { MASKED } from '../../src/mask/text.ts'
import { runs } from '../support/fuzz.ts'

const names = compileMaskNames()
const fail = (): never => {
  throw new Error('user code threw')
}

/** The masked JSON of what a walk of 64 kB sees of a value. */
function boundedJson(value: unknown): string {
  return maskStrings(JSON.stringify(copyMasked(value, names, 65_536).value) ?? 'null', names)
}
const bounded = (value: unknown): unknown => JSON.parse(boundedJson(value))
const isPartial = (value: unknown): boolean => copyMasked(value, names, 65_536).partial

describe('a value under a masked name', () => {
  it.each([
    ['text', 'hunter2'],
    ['a number', 1234],
    ['an object', { a: { b: 'c' } }],
    ['a list', [1, 'a']],
    ['a BigInt', 5n],
    ['a symbol', Symbol('a')],
    ['a function', () => {}],
    ['a date', new Date(0)],
    ['a Map', new Map([['a', 1]])],
    ['bytes', new Uint8Array(3)],
  ])('is replaced whole: %s', (_, value) => {
    expect(maskSensitiveData({ password: value, list: [{ 'Set-Cookie': value }], kept: 1 })).toEqual({
      password: MASKED,
      list: [{ 'Set-Cookie': MASKED }],
      kept: 1,
    })
  })

  it.each(['', true, false, null])('stays where it holds no secret: %j', value => {
    expect(maskSensitiveData({ password: value, list: [{ cookie: value }] })).toEqual({
      password: value,
      list: [{ cookie: value }],
    })
  })

  it('is read once, and nothing in it', () => {
    const read = vi.fn(() => 'hunter2')
    const inner = Object.defineProperty({}, 'a', { get: fail, enumerable: true })
    const value = Object.defineProperty({ secret: inner }, 'password', { get: read, enumerable: true })
    expect(maskSensitiveData(value)).toEqual({ password: MASKED, secret: MASKED })
    expect(read).toHaveBeenCalledTimes(1)
  })

  it('is hidden where reading it throws', () => {
    const value = Object.defineProperty({ a: 1 }, 'password', { get: fail, enumerable: true })
    expect(maskSensitiveData(value)).toEqual({ password: MASKED, a: 1 })
  })

  it('is masked by the application’s names too', () => {
    expect(maskSensitiveData({ ssn: 1, taxId: 2, password: 3, name: 4 }, ['ssn', 'tax_*'])).toEqual({
      ssn: MASKED,
      taxId: MASKED,
      password: MASKED,
      name: 4,
    })
  })
})

describe('strings', () => {
  it('lose what is a secret by its shape or name, at any depth', () => {
    const value = { log: ['Authorization: Bearer abc.def'], url: 'https://u:p@h/?token=abc&x=1', plain: 'basic plan' }
    expect(maskSensitiveData(value)).toEqual({
      log: ['Authorization: Bearer [MASKED]'],
      url: 'https://[MASKED]@h/?token=[MASKED]&x=1',
      plain: 'basic plan',
    })
  })

  it('that are JSON are masked, and left as they were written where nothing had to go', () => {
    const body = ' {\n "a" : 1.0, "b": 12345678901234567890 }'
    expect(maskSensitiveData({ body })).toEqual({ body })
    expect(maskSensitiveData({ body: '{"pin": 1, "a": 1.0}' })).toEqual({ body: '{"pin": "[MASKED]", "a": 1.0}' })
  })

  it('are masked where they are the value itself', () => {
    expect(maskSensitiveData('Bearer abc')).toBe('Bearer [MASKED]')
    expect(maskSensitiveData('')).toBe('')
  })
})

describe('keys', () => {
  it('that hold a secret are masked', () => {
    const masked = maskSensitiveData({ 'Bearer abc.def': 1, '/cb?token=abc&x=1': 2, sk_live_abcdefgh: 3 })
    expect(masked).toEqual({ 'Bearer [MASKED]': 1, '/cb?token=[MASKED]&x=1': 2, [MASKED]: 3 })
  })

  it('of a Map, a form, a query and headers are names', () => {
    const pairs: [string, string][] = [
      ['password', 'x'],
      ['a', '1'],
    ]
    const form = new FormData()
    for (const [name, value] of pairs) form.append(name, value)
    for (const map of [new Map(pairs), new URLSearchParams(pairs), new Headers(pairs), form]) {
      expect(maskSensitiveData({ map })).toEqual({ map: { password: MASKED, a: '1' } })
    }
  })

  it('that repeat make a list; masked names do not tell how often', () => {
    expect(maskSensitiveData(new URLSearchParams('a=1&a=2&b=3&token=x&token=y&a=Bearer+abc'))).toEqual({
      a: ['1', '2', 'Bearer [MASKED]'],
      b: '3',
      token: MASKED,
    })
  })

  it('of a Map may be anything', () => {
    const map = new Map<unknown, unknown>([
      [1, 'a'],
      [Symbol('s'), 'b'],
      [{ token: 'secret-key' }, 'c'],
      [{}, 'd'],
      [null, 'e'],
      [fail, 'f'],
      ['token', { deep: 'secret' }],
      [undefined, new Map([['password', 'x']])],
    ])
    expect(maskSensitiveData(map)).toEqual({
      1: 'a',
      'Symbol(s)': 'b',
      '[object]': ['c', 'd', 'e'],
      '[function]': 'f',
      token: MASKED,
      undefined: { password: MASKED },
    })
  })

  it('named __proto__ are data, and change no prototype', () => {
    const value: unknown = JSON.parse(
      '{"__proto__":{"polluted":1,"password":"x"},"constructor":{"prototype":{"p":1}},"a":1}',
    )
    const masked = maskSensitiveData(value)
    expect(JSON.stringify(masked)).toBe(
      '{"__proto__":{"polluted":1,"password":"[MASKED]"},"constructor":{"prototype":{"p":1}},"a":1}',
    )
    expect(Object.getPrototypeOf(masked)).toBe(Object.prototype)
    expect(Reflect.get({}, 'polluted')).toBe(undefined)
    expect(JSON.stringify(maskSensitiveData(new Map([['__proto__', { polluted: 1 }]])))).toBe(
      '{"__proto__":{"polluted":1}}',
    )
  })

  it('without a prototype are masked alike', () => {
    const value: Record<string, unknown> = Object.assign(Object.create(null), { password: 'x', toString: 1, a: 2 })
    expect(maskSensitiveData(value)).toEqual({ password: MASKED, toString: 1, a: 2 })
  })

  it('that are symbols or not enumerable are left out, as JSON does', () => {
    const value = Object.defineProperty({ [Symbol('s')]: 1, a: 1 }, 'hidden', { value: 'x', enumerable: false })
    expect(maskSensitiveData(value)).toEqual({ a: 1 })
  })
})

describe('what has no JSON', () => {
  it.each([
    ['undefined', undefined, undefined],
    ['a BigInt', -12345678901234567890n, '-12345678901234567890'],
    ['a BigInt of a million bits', 2n ** 1_000_000n, '[BigInt]'],
    ['a symbol', Symbol('Bearer abc'), 'Symbol(Bearer [MASKED])'],
    ['a function', fail, '[Function]'],
    ['a class', class Secret {}, '[Function]'],
    ['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['an invalid date', new Date(Number.NaN), null],
    ['a Set', new Set([1, 'Bearer abc', { pin: 1 }, undefined]), [1, 'Bearer [MASKED]', { pin: MASKED }, null]],
    ['an empty Set', new Set(), []],
    ['an empty Map', new Map(), {}],
    ['bytes', new Uint8Array([1, 2]), '[Binary]'],
    ['a Buffer', Buffer.from('secret'), '[Binary]'],
    ['a DataView', new DataView(new ArrayBuffer(2)), '[Binary]'],
    ['an ArrayBuffer', new ArrayBuffer(2), '[object ArrayBuffer]'],
    ['a promise', Promise.resolve('secret'), '[object Promise]'],
    ['a WeakMap', new WeakMap(), {}],
    ['a stream', new ReadableStream(), '[object ReadableStream]'],
    ['a Blob', new Blob(['secret']), '[object Blob]'],
    ['a File', new File(['secret'], 'secret.txt'), '[object File]'],
    ['a Request', new Request('https://u.example/?token=abc'), '[object Request]'],
    ['a Response', new Response('secret'), '[object Response]'],
    ['a URL', new URL('https://u:p@h/?token=abc'), 'https://[MASKED]@h/?token=[MASKED]'],
    ['a boxed string', Object('Bearer abc'), 'Bearer [MASKED]'],
    ['a boxed number', Object(1), 1],
    ['a boxed boolean', Object(false), false],
    ['a boxed BigInt', Object(5n), '5'],
    ['a boxed symbol', Object(Symbol('a')), 'Symbol(a)'],
    ['a regular expression', /secret/, {}],
    ['an iterator', [1].values(), {}],
  ])('%s', (_, value, expected) => {
    expect(maskSensitiveData(value)).toEqual(expected)
    expect(maskSensitiveData([value])).toEqual([expected ?? null])
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -0])('%d is what JSON makes of it', value => {
    expect(JSON.stringify(maskSensitiveData([value]))).toBe(JSON.stringify([value]))
  })

  it('is an error, with its cause and members', () => {
    const error = new AggregateError([new Error('Bearer abc')], 'all of https://u:p@h/', {
      cause: Object.assign(new TypeError('x'), { password: 'hunter2', code: 'E' }),
    })
    expect(maskSensitiveData({ error })).toMatchObject({
      error: {
        name: 'AggregateError',
        message: 'all of https://[MASKED]@h/',
        stack: expect.stringContaining('AggregateError'),
        cause: { name: 'TypeError', message: 'x', code: 'E', password: MASKED },
        errors: [{ message: 'Bearer [MASKED]' }],
      },
    })
    expect(maskSensitiveData(new DOMException('gone', 'AbortError'))).toMatchObject({
      name: 'AbortError',
      message: 'gone',
    })
  })

  it('is an instance of a class with private fields', () => {
    class Account {
      readonly #secret = 'hunter2'
      name = 'Ada'
      password = this.#secret
      get derived(): string {
        return this.#secret
      }
    }
    expect(maskSensitiveData(new Account())).toEqual({ name: 'Ada', password: MASKED })
    expect(maskSensitiveData(new Proxy(new Account(), {}))).toEqual({ name: 'Ada', password: MASKED })
    class Guarded {
      readonly #secret = 1
      toJSON(): unknown {
        return this.#secret
      }
    }
    expect(maskSensitiveData([new Guarded(), new Proxy(new Guarded(), {})])).toEqual([1, '[Unreadable]'])
  })

  it('is a value of another realm', () => {
    const realm = createContext({})
    const value: unknown = runInContext(
      `({ o: { password: 'x', a: 1 }, l: [1, { pin: 2 }], m: new Map([['token', 1], ['a', 2]]), s: new Set([1]),
        d: new Date(0), e: new TypeError('Bearer abc'), u: new Uint8Array(2), b: new ArrayBuffer(2), n: Object(5n) })`,
      realm,
    )
    expect(maskSensitiveData(value)).toMatchObject({
      o: { password: MASKED, a: 1 },
      l: [1, { pin: MASKED }],
      m: { token: MASKED, a: 2 },
      s: [1],
      d: '1970-01-01T00:00:00.000Z',
      e: { name: 'TypeError', message: 'Bearer [MASKED]' },
      u: '[Binary]',
      b: '[object ArrayBuffer]',
      n: '5',
    })
  })
})

describe('toJSON', () => {
  it('is asked, and what it answers is masked', () => {
    expect(maskSensitiveData({ a: { toJSON: () => ({ password: 'x', log: 'Bearer abc' }) } })).toEqual({
      a: { password: MASKED, log: 'Bearer [MASKED]' },
    })
    expect(maskSensitiveData({ toJSON: () => undefined })).toBe(undefined)
    expect(maskSensitiveData([{ toJSON: 'no function', a: 1 }])).toEqual([{ toJSON: 'no function', a: 1 }])
  })

  it('that throws, answers itself or never ends costs its own value alone', () => {
    const itself = {
      toJSON(): unknown {
        return this
      },
    }
    const endless = { toJSON: (): unknown => ({ toJSON: endless.toJSON }) }
    const getter = {
      get toJSON(): unknown {
        return fail()
      },
    }
    expect(bounded({ a: { toJSON: fail }, itself, endless, getter, kept: 1 })).toEqual({
      a: '[Unreadable]',
      itself: { toJSON: '[Function]' },
      endless: '[Too deep]',
      getter: '[Unreadable]',
      kept: 1,
    })
  })
})

describe('hostile values cost nothing but themselves', () => {
  it('getters that throw', () => {
    const value = {
      a: 1,
      get b(): unknown {
        return fail()
      },
      c: Object.defineProperty([1, 2, 3], 1, { get: fail }),
      d: 4,
    }
    expect(bounded(value)).toEqual({ a: 1, b: '[Unreadable]', c: [1, '[Unreadable]', 3], d: 4 })
  })

  const traps = [...(['get', 'ownKeys', 'has', 'getOwnPropertyDescriptor', 'getPrototypeOf'] as const)].flatMap(
    trap => [
      [trap, 'object', new Proxy({ password: 'x', a: 1 }, { [trap]: fail })] as const,
      [trap, 'list', new Proxy([{ password: 'x' }], { [trap]: fail })] as const,
      [trap, 'Map', new Proxy(new Map([['password', 'x']]), { [trap]: fail })] as const,
      [trap, 'function', new Proxy(fail, { [trap]: fail })] as const,
    ],
  )
  it.each(traps)('a Proxy whose %s throws, of a %s', (_, __, proxy) => {
    const masked = bounded({ proxy, kept: 1 })
    expect(masked).toHaveProperty('kept', 1)
    expect(JSON.stringify(masked)).not.toContain('"x"')
  })

  it('revoked Proxies', () => {
    const [object, list, call] = [{}, [], fail].map(target => {
      const { proxy, revoke } = Proxy.revocable(target, {})
      revoke()
      return proxy
    })
    expect(bounded({ object, list, call, kept: 1 })).toEqual({
      object: '[Unreadable]',
      list: '[Unreadable]',
      call: '[Function]',
      kept: 1,
    })
  })

  it('lists under a masked name that are empty once, or refuse', () => {
    let lengths = 0
    const lying = new Proxy(['hunter2'], {
      get: (target, key) => (key === 'length' ? lengths++ : Reflect.get(target, key)),
    })
    const { proxy, revoke } = Proxy.revocable([], {})
    revoke()
    expect(bounded({ password: lying, token: proxy, pin: [], cookies: [[]] })).toEqual({
      password: [],
      token: '[MASKED]',
      pin: [],
      cookies: '[MASKED]',
    })
  })

  it('Proxies that lie about their keys', () => {
    const missing = new Proxy(Object.preventExtensions({ a: 1 }), { ownKeys: () => ['b'] })
    const twice = new Proxy({}, { ownKeys: () => ['a', 'a'] })
    const invented = new Proxy(
      {},
      {
        ownKeys: () => ['token', 'a'],
        getOwnPropertyDescriptor: () => ({ value: 1, enumerable: true, configurable: true }),
        get: (_, key) => (key === 'a' ? 'Bearer abc' : undefined),
      },
    )
    expect(bounded({ missing, twice, invented })).toEqual({
      missing: '[Unreadable]',
      twice: '[Unreadable]',
      invented: { a: 'Bearer [MASKED]' },
    })
  })

  it.each([Number.POSITIVE_INFINITY, 2 ** 53, Number.NaN, -1, 'many', {}, 10n])(
    'lists that lie about their length: %s',
    length => {
      const list = new Proxy([] as unknown[], {
        get: (target, key) => (key === 'length' ? length : key === '0' ? 'Bearer abc' : Reflect.get(target, key)),
      })
      expect(bounded({ list, kept: 1 })).toHaveProperty('list')
      const throwing = new Proxy([] as unknown[], { get: (_, key) => (key === 'length' ? length : fail()) })
      expect(bounded([throwing])).toHaveLength(1)
    },
  )

  it('iterators that never end or throw', () => {
    function tagged(tag: string, values: () => Iterator<unknown>): object {
      class Tagged {
        get [Symbol.toStringTag](): string {
          return tag
        }
        [Symbol.iterator](): Iterator<unknown> {
          return values()
        }
      }
      return new Tagged()
    }
    const endless = (value: unknown) => (): Iterator<unknown> => ({ next: () => ({ done: false, value }) })
    for (const value of [1, undefined, ['a', undefined], ['token', 1], [Symbol('a'), fail], ['a', { b: 1 }]]) {
      for (const tag of ['Set', 'Map', 'Headers']) {
        expect(bounded({ kept: 1, value: tagged(tag, endless(value)) })).toHaveProperty('kept', 1)
      }
    }
    expect(bounded({ a: tagged('Map', fail), b: tagged('Set', fail), c: 1 })).toEqual({
      a: '[Unreadable]',
      b: '[Unreadable]',
      c: 1,
    })
  })

  it('tags that lie', () => {
    class Liar {
      a = 'Bearer abc'
      tag: string
      constructor(tag: string) {
        this.tag = tag
      }
      get [Symbol.toStringTag](): string {
        return this.tag
      }
    }
    for (const tag of ['Map', 'Set', 'Headers']) expect(bounded([new Liar(tag)])).toEqual(['[Unreadable]'])
    for (const tag of ['String', 'Number', 'Symbol']) expect(bounded([new Liar(tag)])).toEqual(['[Circular]'])
    expect(bounded([new Liar('Bearer abc')])).toEqual([{ a: 'Bearer [MASKED]', tag: 'Bearer [MASKED]' }])
    expect(bounded(Object.assign(new Uint8Array(1), { constructor: { name: 'hunter2' } }))).toBe('[Binary]')
    expect(bounded({ [Symbol.toStringTag]: 'Map', a: 1 })).toEqual({ a: 1 })
  })

  it('lists that are sparse, or have more than elements', () => {
    const sparse: unknown[] = []
    sparse[2] = 'Bearer abc'
    expect(bounded(sparse)).toEqual([null, null, 'Bearer [MASKED]'])
    expect(bounded(Object.assign([1], { password: 'x', extra: 'Bearer abc' }))).toEqual([1])
    const huge: unknown[] = []
    huge.length = 2 ** 32 - 1
    expect(isPartial({ huge })).toBe(true)
    expect(Array.isArray(maskSensitiveData(huge))).toBe(true)
  })

  it('texts that are no UTF-16', () => {
    const value = { '\ud800': 'a\udc00', b: 'password=\ud800&x=\udfff%20', c: '\ud83d\ude00' }
    expect(bounded(value)).toEqual({ '\ud800': 'a\udc00', b: `password=${MASKED}&x=\udfff%20`, c: '😀' })
  })

  it('a graph that doubles 40 times', () => {
    let graph: unknown = { password: 'x' }
    for (let level = 0; level < 40; level++) graph = { left: graph, right: graph }
    expect(isPartial(graph)).toBe(true)
    let list: unknown = 'Bearer abc'
    for (let level = 0; level < 40; level++) list = [list, list]
    expect(boundedJson(list)).not.toContain('abc')
  })

  it('a graph without an end, where no size was given', () => {
    let graph: unknown = 'Bearer abc'
    for (let level = 0; level < 40; level++) graph = [graph, graph]
    expect(Array.isArray(maskSensitiveData(graph))).toBe(true)
  })

  it.each([
    ['objects', (inner: unknown): unknown => ({ a: inner })],
    ['lists', (inner: unknown): unknown => [inner]],
    ['Maps', (inner: unknown): unknown => new Map([['a', inner]])],
    ['Sets', (inner: unknown): unknown => new Set([inner])],
    ['boxes', (inner: unknown): unknown => ({ toJSON: () => inner })],
    ['errors', (inner: unknown): unknown => Object.assign(new Error('a', { cause: inner }), { stack: '' })],
  ])('100,000 levels of %s', (_, wrap) => {
    let value: unknown = 'secret'
    for (let level = 0; level < 100_000; level++) value = wrap(value)
    const json = boundedJson(value)
    expect(json).toContain('[Too deep]')
    expect(json).not.toContain('secret')
  })

  it('100,000 levels of JSON text', () => {
    const value = `${'{"a":['.repeat(100_000)}{"password":"hunter2"}${']}'.repeat(100_000)}`
    expect(maskSensitiveData({ value })).toEqual({ value: value.replace('hunter2', MASKED) })
    expect(maskSensitiveData({ value: `{"session":${value}}` })).toEqual({ value: '{"session":"[MASKED]"}' })
    expect(JSON.stringify(maskSensitiveData(value.slice(0, 600_030)))).not.toContain('hunter2')
  })

  it('200,000 keys, and as many elements', () => {
    const object: Record<string, unknown> = {}
    for (let index = 0; index < 200_000; index++) object[`key${index}`] = index
    expect(isPartial(object)).toBe(true)
    expect(Object.keys(Object(maskSensitiveData(object))).length).toBeGreaterThan(100_000)
    expect(isPartial(Object.keys(object))).toBe(true)
    expect(isPartial(new URLSearchParams('a=1&'.repeat(200_000)))).toBe(true)
  })

  it('a text of 5 MB', () => {
    const text = 'ordinary words '.repeat(350_000)
    expect(maskSensitiveData({ text })).toEqual({ text })
    const { value, partial, length } = copyMasked({ text }, names, 1000)
    expect(partial).toBe(true)
    expect(length).toBeGreaterThanOrEqual(text.length)
    expect(JSON.stringify(value).length).toBeLessThan(10_000)
  })
})

describe('references', () => {
  it('that repeat are no cycle', () => {
    const shared = { a: 1 }
    expect(maskSensitiveData({ x: shared, y: [shared, shared], z: { w: shared } })).toEqual({
      x: { a: 1 },
      y: [{ a: 1 }, { a: 1 }],
      z: { w: { a: 1 } },
    })
  })

  it('that are a cycle end as such, through objects, lists, Maps, Sets and errors', () => {
    const object: Record<string, unknown> = { a: 1 }
    object['self'] = object
    const list: unknown[] = [1]
    list.push({ list })
    const map = new Map<string, unknown>([['a', 1]])
    map.set('deep', [map])
    const set = new Set<unknown>([1])
    set.add({ set })
    const error = new Error('a')
    error.cause = { error }
    expect(maskSensitiveData(object)).toEqual({ a: 1, self: '[Circular]' })
    expect(maskSensitiveData(list)).toEqual([1, { list: '[Circular]' }])
    expect(maskSensitiveData(map)).toEqual({ a: 1, deep: ['[Circular]'] })
    expect(maskSensitiveData(set)).toEqual([1, { set: '[Circular]' }])
    expect(maskSensitiveData(error)).toMatchObject({ message: 'a', cause: { error: '[Circular]' } })
    expect(maskSensitiveData([object, object])).toEqual(Array(2).fill({ a: 1, self: '[Circular]' }))
  })

  it('are not shared with the copy', () => {
    const value = { a: { b: [1] } }
    const masked = maskSensitiveData(value)
    value.a.b.push(2)
    expect(masked).toEqual({ a: { b: [1] } })
  })
})

/** Freezes all that is reachable, so that any change throws (modules are strict). */
function deepFreeze(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  for (const key of Reflect.ownKeys(value)) deepFreeze(Reflect.get(value, key))
  return Object.freeze(value)
}

const anyValue = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withBoxedValues: true,
  withNullPrototype: true,
  withObjectString: true,
  withSparseArray: true,
  withTypedArray: true,
  withUnicodeString: true,
  key: fc.oneof(
    fc.string(),
    fc.constantFrom('password', '__proto__', 'toJSON', 'a', 'user[token]', 'x=1&pin=2', 'constructor'),
  ),
  values: [
    fc.string({ unit: 'binary' }),
    fc.integer(),
    fc.constant('Basic dXNlcjpwYXNz'),
    fc.constant('{"pin":1,"a":"b"}'),
    fc.constant('x=1&token=abc'),
    fc.webUrl({ withQueryParameters: true }),
  ],
})

describe('any value', () => {
  it('is not changed', () => {
    fc.assert(
      fc.property(anyValue, value => {
        const before = structuredClone(value)
        maskSensitiveData(deepFreeze(value))
        expect(value).toEqual(before)
      }),
      runs(),
    )
  })

  it('becomes plain JSON, with no prototype but Object’s and Array’s', () => {
    const check = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return
      expect([Object.prototype, Array.prototype]).toContain(Object.getPrototypeOf(value))
      for (const key of Object.keys(value)) check(Object.getOwnPropertyDescriptor(value, key)?.value)
    }
    fc.assert(
      fc.property(anyValue, value => {
        const masked = maskSensitiveData(value)
        check(masked)
        const json: string | undefined = JSON.stringify(masked)
        if (json !== undefined) JSON.parse(json)
      }),
      runs(),
    )
  })

  it('masked twice is the same as masked once', () => {
    fc.assert(
      fc.property(anyValue, value => {
        const masked = maskSensitiveData(value)
        expect(JSON.stringify(maskSensitiveData(masked))).toBe(JSON.stringify(masked))
      }),
      runs(2000),
    )
  })

  it('keeps what is no secret', () => {
    const plain = fc.jsonValue({ stringUnit: fc.constantFrom(...'abcXYZ 019.,:!é😀') })
    fc.assert(
      fc.property(plain, value => {
        const json = JSON.stringify(value)
        // So many digits may be a card's number.
        const mayHoldSecret = /"(?:password|pin|[^"]*token)"|\d{12}/i.test(json)
        const kept = mayHoldSecret ? undefined : maskSensitiveData(value)
        if (kept !== undefined) expect(JSON.parse(JSON.stringify(kept))).toEqual(JSON.parse(json))
      }),
      runs(),
    )
  })
})

describe('a text that is cut', () => {
  const secret = 'hunTer2S3cret'

  it('is scanned no further than a little beyond the cut', () => {
    const text = `${'a '.repeat(5000)}Bearer abc`
    expect(maskTextWithin(text, names, 8192)).toBe(text.slice(0, 8192))
    expect(maskTextWithin(text.slice(0, 9000), names, 8192)).toBe(text.slice(0, 9000))
  })

  it.each([
    ['a bearer token', `Bearer ${secret}${'x'.repeat(900)}`],
    ['a form field', `password=${secret}`],
    ['a JSON field', `"password":"${secret}"`],
    ['a service key', `sk_live_${secret}`],
    ['userinfo', `postgres://user:${secret}@h/`],
    ['a JWT', `eyJhbGciOiJIUzI1NiJ9.${secret}.${secret}`],
    ['a private key', `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----`],
    ['an encoded field', `to=%3Fpassword%3D${secret}`],
    ['an npm token', `npm_${secret}${'a'.repeat(30)}`],
  ])('does not leave %s half, wherever it stands', (_, planted) => {
    for (const before of [1800, 1900, 1950, 1980, 1990, 2000, 2010, 2020, 2900, 2960, 2980, 3000, 3010, 3020]) {
      const text = `${'a '.repeat(before / 2)}${planted}${' b'.repeat(3000)}`
      // Masked text is shorter, which pulls what stands at the end of the window towards what is kept.
      const shrunk = `Bearer ${'t'.repeat(1500)} ${text}`
      for (const each of [text, shrunk]) {
        for (let max = 1995; max < 2030; max++) {
          const masked = maskTextWithin(each, names, max)
          for (let length = 5; length <= secret.length; length += 2)
            expect(masked).not.toContain(secret.slice(0, length))
        }
      }
    }
  })

  it('is not cut inside a code point', () => {
    const text = '😀'.repeat(5000)
    for (let max = 100; max < 104; max++)
      expect(() => encodeURIComponent(maskTextWithin(text, names, max))).not.toThrow()
  })
})

describe('a stub of another Worker', () => {
  it.each(['Fetcher', 'DurableObject', 'JsRpcStub', 'JsRpcPromise', 'JsRpcProperty'])('is not called: %s', kind => {
    const called = vi.fn()
    const target = class {
      get [Symbol.toStringTag](): string {
        return kind
      }
    }
    const stub = new Proxy(new target(), {
      get: (object, key) => (typeof key === 'symbol' ? Reflect.get(object, key) : called),
      has: () => true,
    })
    expect(maskSensitiveData({ stub })).toEqual({ stub: `[object ${kind}]` })
    expect(called).not.toHaveBeenCalled()
  })
})

describe('a value that changes from read to read', () => {
  /** Answers something else each time it is asked. */
  const turns = (...values: readonly unknown[]): (() => unknown) => {
    let turn = 0
    return () => values[Math.min(turn++, values.length - 1)]
  }
  const secret = { password: 'hunter2', log: 'Bearer abcdef' }
  const changing = (make: (answer: () => unknown) => unknown) => [make(turns({}, secret)), make(turns({}, {}, secret))]
  const values: [string, unknown[]][] = [
    ['a getter', changing(get => Object.defineProperty({}, 'a', { get, enumerable: true }))],
    ['an element', changing(get => Object.defineProperty([1], 0, { get, enumerable: true }))],
    ['a Proxy', changing(get => new Proxy({ a: 1 }, { get: (_, key) => (key === 'a' ? get() : undefined) }))],
    ['a toJSON', changing(toJSON => ({ toJSON }))],
    ['a toJSON out of sight', changing(value => Object.defineProperty(new Date(0), 'toJSON', { value }))],
    ['a toJSON that comes later', changing(get => Object.defineProperty({}, 'toJSON', { get, enumerable: true }))],
    [
      'a name that comes later',
      [
        new Proxy(
          {},
          {
            ownKeys: () => ['password'],
            getOwnPropertyDescriptor: turns(undefined, {
              value: 'hunter2',
              enumerable: true,
              configurable: true,
            }) as () => PropertyDescriptor,
          },
        ),
      ],
    ],
  ]

  it.each(values)('leaves no secret: %s', (_, given) => {
    for (const value of given) {
      for (let time = 0; time < 3; time++) {
        const json = JSON.stringify(maskSensitiveData({ value }))
        expect(json).not.toContain('hunter2')
        expect(json).not.toContain('abcdef')
      }
    }
  })

  it('is recorded as one that was read', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { minLength: 1, maxLength: 5 }), answers => {
        const read: unknown[] = []
        const next = turns(...answers)
        const get = (): unknown => {
          const value = next()
          read.push(value)
          return value
        }
        const shown = Object(maskSensitiveData(Object.defineProperty({}, 'a', { get, enumerable: true }))).a
        expect(read).toHaveLength(1)
        expect(shown).toEqual(maskSensitiveData(read[0]))
      }),
      runs(),
    )
  })
})

it('masks the number of a card where it is a number, and no other', () => {
  const value = { number: 4242424242424242, at: 1704067200000, id: 1234567890123456, price: 4242424242424.5 }
  expect(maskSensitiveData(value)).toEqual({ ...value, number: MASKED })
  expect(maskJsonNames(JSON.stringify([value, [4242424242424242]]), names)).toBe(
    JSON.stringify([{ ...value, number: MASKED }, [MASKED]]),
  )
})

describe('a pair of name and value', () => {
  it.each([
    [
      { name: 'password', value: 'x' },
      { name: 'password', value: MASKED },
    ],
    [
      { value: 1, key: 'password' },
      { value: MASKED, key: 'password' },
    ],
    [
      { Value: 'x', Key: 'api_key' },
      { Value: MASKED, Key: 'api_key' },
    ],
    [
      { op: 'replace', path: '/password', value: { a: 1 } },
      { op: 'replace', path: '/password', value: MASKED },
    ],
    [
      { name: 'password', value: '' },
      { name: 'password', value: '' },
    ],
    [
      { name: 'city', value: 'x' },
      { name: 'city', value: 'x' },
    ],
    [
      { name: 1, value: 'x' },
      { name: 1, value: 'x' },
    ],
    [
      ['authorization', 'letmein'],
      ['authorization', MASKED],
    ],
    [new Map([['a', ['authorization', 'x']]]), { a: ['authorization', MASKED] }],
    [new Set(['password', 'x']), ['password', MASKED]],
    [
      ['Host', 'a.example', 'Cookie', 'a=b', 'Accept', '*/*'],
      ['Host', 'a.example', 'Cookie', MASKED, 'Accept', '*/*'],
    ],
    // Names alone.
    [
      ['name', 'email', 'password', 'token'],
      ['name', 'email', 'password', 'token'],
    ],
    [
      ['password', 'x', 'y'],
      ['password', 'x', 'y'],
    ],
    [
      ['not a name!', 'x', 'password', 'y1'],
      ['not a name!', 'x', 'password', 'y1'],
    ],
    [
      ['password', 5],
      ['password', 5],
    ],
  ])('%j becomes %j', (value, expected) => {
    expect(maskSensitiveData({ list: [value, value] })).toEqual({ list: [expected, expected] })
    expect(
      maskJsonNames(JSON.stringify([value instanceof Map || value instanceof Set ? expected : value]), names),
    ).toBe(JSON.stringify([expected]))
  })
})
