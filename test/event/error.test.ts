import { createContext, runInContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ErrorCause, errorFields, getErrorDetails } from '../../src/event/error.ts'
import { runs } from '../support/fuzz.ts'

function revoke(target: object = {}): object {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}

/** An object that fails the test if anything but reading its properties is asked of it. */
function untouchable<Target extends object>(target: Target): Target {
  const fail = (): never => {
    throw new Error('user code ran')
  }
  const hooks = { toString: fail, toJSON: fail, valueOf: fail, [Symbol.toPrimitive]: fail, [Symbol.iterator]: fail }
  return Object.defineProperties(
    target,
    Object.fromEntries(Reflect.ownKeys(hooks).map(key => [key, { value: fail, enumerable: false }])),
  )
}

const getPaths = (error: unknown): string[] => (getErrorDetails(error).causes ?? []).map(cause => cause.path)
const getMessages = (error: unknown): string[] => (getErrorDetails(error).causes ?? []).map(cause => cause.errorMessage)

describe('an error', () => {
  it('is its name, message, stack and frames', () => {
    const error = new RangeError('too far')
    expect(getErrorDetails(error)).toEqual({
      errorName: 'RangeError',
      errorMessage: 'too far',
      stackTrace: error.stack,
      stackFrames: expect.any(Array),
    })
    const [frame] = getErrorDetails(error).stackFrames ?? []
    expect(frame?.fileName).toMatch(/error\.test\.ts$/)
    expect(frame?.lineNumber).toBeGreaterThan(0)
  })

  it('has no other keys than are known', () => {
    expect(Object.keys(getErrorDetails('text'))).toEqual(['errorMessage', 'stackFrames'])
    expect(Object.keys(getErrorDetails(new Error('a', { cause: 1 })))).toEqual([
      'errorName',
      'errorMessage',
      'stackTrace',
      'stackFrames',
      'causes',
    ])
  })

  it('of a subclass has the name that the class gives it', () => {
    class HttpError extends Error {
      override name = 'HttpError'
      status = 404
    }
    expect(getErrorDetails(new HttpError('gone'))).toMatchObject({ errorName: 'HttpError', errorMessage: 'gone' })
    class Unnamed extends TypeError {}
    expect(getErrorDetails(new Unnamed('gone'))).toMatchObject({ errorName: 'TypeError', errorMessage: 'gone' })
  })

  it('of another realm is one as well', () => {
    const error: unknown = runInContext(
      'new TypeError("elsewhere", { cause: new Error("why") })',
      createContext({}),
      'realm.vm',
    )
    expect(error).not.toBeInstanceOf(Error)
    expect(getErrorDetails(error)).toMatchObject({
      errorName: 'TypeError',
      errorMessage: 'elsewhere',
      stackFrames: expect.arrayContaining([expect.objectContaining({ fileName: 'realm.vm', lineNumber: 1 })]),
      causes: [{ path: 'cause', errorName: 'Error', errorMessage: 'why' }],
    })
  })

  it('may be a DOMException', () => {
    const details = getErrorDetails(new DOMException('stopped', 'AbortError'))
    expect(details).toMatchObject({ errorName: 'AbortError', errorMessage: 'stopped' })
    expect(details.stackTrace).toMatch(/^AbortError: stopped\n/)
    expect(getErrorDetails(AbortSignal.abort().reason).errorName).toBe('AbortError')
  })

  it('may have lost its stack', () => {
    const error = new TypeError('no stack')
    delete error.stack
    expect(getErrorDetails(error)).toEqual({ errorName: 'TypeError', errorMessage: 'no stack', stackFrames: [] })
    expect(getErrorDetails({ ...error, name: 'TypeError', message: 'a', stack: '' })).not.toHaveProperty('stackTrace')
  })

  it('may have no message and no name', () => {
    expect(getErrorDetails(new Error())).toMatchObject({ errorName: 'Error', errorMessage: '' })
    const error = Object.assign(new Error('a'), { name: '' })
    expect(getErrorDetails(error)).toMatchObject({ errorName: 'Error', errorMessage: 'a' })
    const silent = Object.assign(new Error('a'), { message: undefined })
    expect(getErrorDetails(silent)).toMatchObject({ errorName: 'Error', errorMessage: '' })
  })

  it('does not take a line of its message for a frame', () => {
    const error = new Error('wrapped: Error: inner\n    at inner (inner.js:1:2)')
    expect(error.stack).toContain('inner.js:1:2')
    expect(getErrorDetails(error).stackFrames?.[0]?.fileName).toMatch(/error\.test\.ts$/)
    expect(JSON.stringify(getErrorDetails(error).stackFrames)).not.toContain('inner.js')
  })
})

describe('what is no error', () => {
  it.each<[what: string, thrown: unknown, errorMessage: string]>([
    ['a string', 'just a string', 'just a string'],
    ['an empty string', '', ''],
    ['a number', 42, '42'],
    ['NaN', Number.NaN, 'NaN'],
    ['a bigint', 42n, '42'],
    ['a boolean', false, 'false'],
    ['null', null, 'null'],
    ['undefined', undefined, 'undefined'],
    ['a symbol', Symbol('why'), 'Symbol(why)'],
    ['an unnamed function', () => 0, '[object Function]'],
    ['an object without properties', {}, '[object Object]'],
    ['an array', [1, 'two', null], '[1,"two",null]'],
    ['an array of holes', new Array(2), '["undefined","undefined"]'],
    ['an empty array', [], '[]'],
    ['a Response', new Response('no', { status: 404 }), '[object Response]'],
    ['a Map', new Map([[1, 2]]), '[object Map]'],
    ['a Date', new Date(0), '[object Date]'],
    ['bytes', new Uint8Array(10_000_000), '[object Uint8Array]'],
    ['a revoked Proxy', revoke(), '[unreadable]'],
    ['a revoked array', revoke([]), '[unreadable]'],
    ['a status', { status: 404, ok: false }, '{"status":404,"ok":false}'],
    ['an answer', { error: { code: 'E1', tags: ['a'] } }, '{"error":{"code":"E1","tags":"[object Array]"}}'],
    [
      'a mixture',
      { a: undefined, b: 1n, c: Symbol('c'), d: () => 0, e: Number.NaN, f: new Map(), g: { h: revoke() } },
      '{"a":"undefined","b":"1","c":"Symbol(c)","d":"[object Function]","e":null,"f":"[object Map]","g":{"h":"[unreadable]"}}',
    ],
    ['quotation marks', { 'a"b': '"c"' }, '{"a\\"b":"\\"c\\""}'],
  ])('is described: %s', (_, thrown, errorMessage) => {
    const details = getErrorDetails(thrown)
    const name = typeof thrown === 'function' && thrown.name
    expect(details).toEqual({ ...(name && { errorName: name }), errorMessage, stackFrames: [] })
  })

  it.each<[thrown: unknown, errorName: string | undefined, errorMessage: string]>([
    [{ message: 'np' }, undefined, 'np'],
    [Object.assign(Object.create(null), { message: 'np' }), undefined, 'np'],
    [{ message: 'a', name: 'Custom' }, 'Custom', 'a'],
    [{ message: 'a', code: 'ENOENT' }, 'ENOENT', 'a'],
    [{ message: 'a', name: 'Custom', code: 'ENOENT' }, 'Custom', 'a'],
    [{ message: 'a', name: 1, code: 5 }, undefined, 'a'],
    [{ message: 42 }, undefined, '42'],
    [{ message: { text: 'a' } }, undefined, '{"text":"a"}'],
    [{ message: '' }, undefined, ''],
    [{ message: null, code: 'E' }, 'E', '{"message":null,"code":"E"}'],
    [{ message: 'a', stack: 'at f (x.js:1:2)' }, 'Error', 'a'],
    [class Thrown {}, 'Thrown', '[object Function]'],
  ])('gives what it has: %j', (thrown, errorName, errorMessage) => {
    const details = getErrorDetails(thrown)
    expect([details.errorName, details.errorMessage]).toEqual([errorName, errorMessage])
  })

  it('closes a cycle by its depth', () => {
    const loop: Record<string, unknown> = { a: 1 }
    loop['self'] = loop
    expect(getErrorDetails(loop).errorMessage).toBe('{"a":1,"self":{"a":1,"self":"[object Object]"}}')
  })

  it('is described in JSON to its end, or not at all', () => {
    const wide = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`k${index}`, 'x'.repeat(1_000)]))
    const deep = { secret: 'hunter2', a: { ...wide }, b: { ...wide } }
    const text = getErrorDetails(deep).errorMessage
    expect(JSON.parse(text)).toEqual({ secret: 'hunter2', a: '[object Object]', b: '[object Object]' })
    expect(getErrorDetails(wide).errorMessage).toBe('[object Object]')
    expect(getErrorDetails([wide, wide]).errorMessage).toBe('["[object Object]","[object Object]"]')
    expect(JSON.parse(getErrorDetails(Array.from({ length: 1_000 }, () => 7)).errorMessage)).toHaveLength(20)
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`k${index}`, index]))
    expect(Object.keys(JSON.parse(getErrorDetails(many).errorMessage))).toEqual(Object.keys(many).slice(0, 20))
    const long = { a: `${'x'.repeat(499)}🙂` }
    expect(JSON.parse(getErrorDetails(long).errorMessage)).toEqual({ a: 'x'.repeat(499) })
  })
})

describe('user code', () => {
  it('is not run', () => {
    const thrown = untouchable({ a: untouchable({ b: 1 }), c: untouchable([1]) })
    expect(getErrorDetails(thrown)).toEqual({ errorMessage: '{"a":{"b":1},"c":[1]}', stackFrames: [] })
    const error = untouchable(new Error('a', { cause: untouchable(new Error('b', { cause: untouchable({}) })) }))
    expect(getMessages(error)).toEqual(['b', '[object Object]'])
    const odd = { message: 'a', errors: { length: untouchable({}) }, name: untouchable({}), stack: untouchable([]) }
    expect(getErrorDetails(odd)).toEqual({ errorMessage: 'a', stackFrames: [], fields: { errors: { length: {} } } })
  })

  it('is read once', () => {
    const reads: string[] = []
    const error = new Proxy(new Error('a'), {
      get(target, key, receiver) {
        reads.push(String(key))
        return Reflect.get(target, key, receiver)
      },
    })
    getErrorDetails(error)
    expect(reads.sort()).toEqual(['cause', 'code', 'errors', 'message', 'name', 'stack'])
  })

  it.each(['stack', 'message', 'name', 'cause', 'errors', 'code'])('may throw from %s', key => {
    const error = new TypeError('a', { cause: 'b' })
    // Vitest writes a stack when it is first read, and reads the name and the message then.
    expect(error.stack).toContain('TypeError: a')
    Object.defineProperty(error, key, {
      get() {
        throw new Error('no')
      },
    })
    const details = getErrorDetails(error)
    expect(details.errorName).toBe(key === 'name' ? 'Error' : 'TypeError')
    expect(details.errorMessage).toBe(key === 'message' ? '' : 'a')
    expect('stackTrace' in details).toBe(key !== 'stack')
    expect('causes' in details).toBe(key !== 'cause')
  })

  it.each<[string, unknown]>([
    ['a number', 0],
    ['a bigint', 1n],
    ['a boolean', true],
    ['a symbol', Symbol('s')],
    ['an object', {}],
    ['an array', []],
    ['a function', () => 0],
    ['null', null],
    ['a revoked Proxy', revoke()],
  ])('may lie with %s', (_, lie) => {
    const error = new Error('a')
    for (const key of ['stack', 'name', 'errors']) Object.defineProperty(error, key, { value: lie })
    const details = getErrorDetails(error)
    expect(details).toEqual({ errorMessage: 'a', stackFrames: [] })
    Object.defineProperty(error, 'message', { value: lie })
    expect(getErrorDetails(error).errorMessage).toBeTypeOf('string')
  })

  it('may throw from every trap of a Proxy', () => {
    const handler = new Proxy(
      {},
      {
        get() {
          throw new Error('trap')
        },
      },
    )
    const hostile = new Proxy(new Error('a'), handler)
    const expected = { errorMessage: '[unreadable]' }
    expect(getErrorDetails(hostile)).toEqual({ ...expected, stackFrames: [] })
    expect(getErrorDetails(new Error('b', { cause: hostile })).causes).toEqual([{ path: 'cause', ...expected }])
  })

  it('may throw anything at all', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withNullPrototype: true, withSparseArray: true }), thrown => {
        const details = getErrorDetails(thrown)
        expect(details.errorName).not.toBe('')
        expect(details.errorMessage).toBeTypeOf('string')
        expect(() => JSON.stringify(details)).not.toThrow()
        const wrapped = getErrorDetails({ stack: thrown, name: thrown, message: thrown, cause: thrown, errors: thrown })
        expect(wrapped.errorMessage).toBeTypeOf('string')
      }),
      runs(1_000),
    )
  })
})

describe('causes', () => {
  const chain = (length: number): Error => {
    let error = new Error(`L${length}`)
    for (let level = length - 1; level > 0; level--) error = new Error(`L${level}`, { cause: error })
    return error
  }

  it('are followed, with a stack each', () => {
    const { causes = [] } = getErrorDetails(chain(3))
    expect(causes.map(({ path, errorMessage }) => [path, errorMessage])).toEqual([
      ['cause', 'L2'],
      ['cause.cause', 'L3'],
    ])
    for (const cause of causes) {
      expect(cause.stackTrace).toMatch(/^Error: L\d\n/)
      expect(cause.stackFrames?.[0]?.functionName).toBe('chain')
    }
  })

  it.each<[what: string, cause: unknown, expected: Partial<ErrorCause>]>([
    ['a string', 'text', { errorMessage: 'text' }],
    ['zero', 0, { errorMessage: '0' }],
    ['an object', { code: 'E' }, { errorName: 'E', errorMessage: '{"code":"E"}' }],
    ['a revoked Proxy', revoke(), { errorMessage: '[unreadable]' }],
  ])('may be %s', (_, cause, expected) => {
    expect(getErrorDetails(new Error('a', { cause })).causes).toEqual([{ path: 'cause', ...expected }])
  })

  it.each([undefined, null])('are none when %s', cause => {
    expect(getErrorDetails(new Error('a', { cause }))).not.toHaveProperty('causes')
  })

  it('end where they close a cycle', () => {
    const self = new Error('self')
    self.cause = self
    expect(getErrorDetails(self)).not.toHaveProperty('causes')
    const [a, b] = [new Error('a'), new Error('b')]
    a.cause = b
    b.cause = a
    expect(getMessages(a)).toEqual(['b'])
    const shared = new Error('shared')
    const all = new AggregateError([shared, shared, new Error('c', { cause: shared })], 'many')
    shared.cause = all
    expect(getMessages(all)).toEqual(['shared', 'c'])
    expect(getErrorDetails(all)).not.toHaveProperty('causesOmitted')
  })

  it('are the members of an AggregateError, nearest first', () => {
    const error = new AggregateError(
      [new Error('the first', { cause: new Error('deep') }), new TypeError('two'), 'two', 'two', undefined],
      'many',
      { cause: new Error('why') },
    )
    expect(getErrorDetails(error)).toMatchObject({ errorName: 'AggregateError', errorMessage: 'many' })
    expect(getMessages(error)).toEqual(['why', 'the first', 'two', 'two', 'two', 'undefined', 'deep'])
    expect(getPaths(error)).toEqual([
      'cause',
      'errors[0]',
      'errors[1]',
      'errors[2]',
      'errors[3]',
      'errors[4]',
      'errors[0].cause',
    ])
    expect(getErrorDetails(error).stackTrace).not.toContain('the first')
  })

  it('are the members of what Promise.any throws', async () => {
    const error: unknown = await Promise.any([Promise.reject(new Error('a')), Promise.reject('b')]).catch(
      reason => reason,
    )
    expect(getErrorDetails(error)).toMatchObject({ errorName: 'AggregateError' })
    expect(getErrorDetails(error).stackFrames).toEqual([])
    expect(getMessages(error)).toEqual(['a', 'b'])
  })

  it('are ten at most, and the others are counted', () => {
    const ten = getErrorDetails(chain(11))
    expect(ten.causes?.map(cause => cause.errorMessage)).toEqual([
      'L2',
      'L3',
      'L4',
      'L5',
      'L6',
      'L7',
      'L8',
      'L9',
      'L10',
      'L11',
    ])
    expect(ten).not.toHaveProperty('causesOmitted')
    expect(getErrorDetails(chain(12))).toMatchObject({ causes: { length: 10 }, causesOmitted: 1 })

    const members = Array.from({ length: 1_000_000 }, () => 'x')
    const wide = getErrorDetails(new AggregateError(members, 'many', { cause: 'why' }))
    expect(wide.causes).toHaveLength(10)
    expect(wide.causesOmitted).toBe(999_991)
    expect(errorFields(chain(12)).metadata).toMatchObject({ causes: { length: 10 }, causesOmitted: 1 })
  })

  it.each<[what: string, errors: unknown, paths: string[]]>([
    ['errors that are plain', [{ message: 'a' }], ['errors[0]']],
    ['a length', { length: 1 }, ['errors[0]']],
    ['no length', { a: new Error('a') }, []],
    ['a negative length', { length: -5 }, []],
    ['no number of them', { length: Number.NaN }, []],
    ['an endless length', { length: Number.POSITIVE_INFINITY }, []],
    ['text', 'text', []],
    ['a function', (a: unknown) => a, []],
    ['a revoked array', revoke([]), []],
  ])('may be claimed by %s', (_, errors, paths) => {
    const thrown = { message: 'm', errors }
    expect(getPaths(thrown)).toEqual(paths)
    expect(getErrorDetails(thrown)).not.toHaveProperty('causesOmitted')
  })
})

describe('limits', () => {
  it('cuts names, messages and stacks at a code point', () => {
    const frames = Array.from({ length: 1_000 }, (_, index) => `    at f${index} (x.js:1:${index + 1})`)
    const name = `${'N'.repeat(199)}🙂`
    const message = `${'m'.repeat(9_999)}🙂`
    const stack = `Error: ${message}\n${frames.join('\n')}`
    const details = getErrorDetails({ name, message, stack })
    expect(details.errorName).toBe(`${'N'.repeat(199)}…`)
    expect(details.errorMessage).toBe(`${'m'.repeat(9_999)}…`)
    expect(details.stackTrace).toBe(`${stack.slice(0, 19_999)}…`)
    expect(details.stackFrames).toHaveLength(100)
    expect(getErrorDetails('🙂'.repeat(6_000)).errorMessage).toBe(`${'🙂'.repeat(4_999)}…`)
  })

  it('reads the frames of a stack that is cut', () => {
    const message = 'x'.repeat(1_000_000)
    const details = getErrorDetails(new Error(message))
    expect(details.errorMessage).toHaveLength(10_000)
    expect(details.stackTrace).toHaveLength(20_000)
    expect(details.stackFrames?.[0]?.fileName).toMatch(/error\.test\.ts$/)
  })
})

describe('an error’s own fields', () => {
  class NotFound extends Error {
    override name = 'PrismaError'
    code = 'P2025'
    meta = { modelName: 'Order', target: ['id'] }
    status = 404
  }
  const metadataOf = (thrown: unknown, metadata?: Record<string, unknown>) => errorFields(thrown, metadata).metadata

  it('are metadata.error, beside what is there', () => {
    const error = { code: 'P2025', meta: { modelName: 'Order', target: ['id'] }, status: 404 }
    expect(metadataOf(new NotFound('No order'))).toEqual({ error })
    expect(metadataOf(new NotFound('No order'), { route: '/a' })).toEqual({ route: '/a', error })
    expect(metadataOf(new NotFound('No order'), { error: 'own' })).toEqual({ error: 'own' })
    expect(metadataOf(new Error('plain'))).toBeUndefined()
    expect(metadataOf('text', { route: '/a' })).toEqual({ route: '/a' })
  })

  it('are none of its members, which are among its causes', () => {
    const details = getErrorDetails({ message: 'all', errors: [{ message: 'a' }] })
    expect(details).not.toHaveProperty('fields')
    expect(getErrorDetails({ message: 'all', errors: 2 })).toMatchObject({ fields: { errors: 2 } })
  })

  it('of its causes are told with them', () => {
    const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED', port: 5432 })
    expect(getErrorDetails(new Error('fetch failed', { cause })).causes).toMatchObject([
      { path: 'cause', errorMessage: 'refused', fields: { code: 'ECONNREFUSED', port: 5432 } },
    ])
  })

  it('are plain data alone, and no more than some of it', () => {
    class Socket {
      key = 'planted'
    }
    const loop: Record<string, unknown> = { deep: { deeper: { deepest: { bottom: { end: 1 } } } } }
    loop['self'] = loop
    const thrown = Object.assign(new Error('a'), {
      request: new Socket(),
      retry: () => {},
      list: Array.from({ length: 100 }, (_, index) => index),
      big: 'x'.repeat(100_000),
      at: new Date(0),
      id: 2n ** 70n,
      headers: new Map([['authorization', 'planted']]),
      proxy: revoke(),
      loop,
    })
    Object.defineProperty(thrown, 'broken', {
      enumerable: true,
      get() {
        throw new Error('getter')
      },
    })
    const fields = getErrorDetails(thrown).fields
    expect(fields).toMatchObject({ at: '1970-01-01T00:00:00.000Z', id: '1180591620717411303424' })
    expect(Object.keys(fields ?? {})).toEqual(['list', 'at', 'id', 'loop'])
    expect(Reflect.get(fields ?? {}, 'list')).toHaveLength(20)
    expect(JSON.stringify(fields).length).toBeLessThan(2_000)
  })
})
