import { describe, expect, it, vi } from 'vitest'
import { hostEnvironment, resolveAdapterOptions, resolveOptions } from '../../src/client/options.ts'
import { fetchTransport } from '../../src/delivery/transport.ts'
import { personalData } from '../../src/masks/index.ts'
import type { ClientOptions, Environment } from '../../src/types.ts'

const resolve = (options: ClientOptions = {}, environment: Environment = {}) =>
  resolveOptions({ apiKey: 'key', ...options }, environment)
const settingsOf = (options?: ClientOptions, environment?: Environment) => resolve(options, environment).settings

const hook = () => null
const transport = { post: async () => ({ status: 200, headers: new Headers(), text: async () => '' }) }

describe('defaults', () => {
  it('are those of the documentation', () => {
    expect(settingsOf()).toEqual({
      apiKey: 'key',
      endpoint: 'https://api.replaystack.co',
      ingestUrl: 'https://api.replaystack.co/api/v1/ingest/events',
      bulkUrl: 'https://api.replaystack.co/api/v1/ingest/bulk-events',
      serviceName: undefined,
      environment: 'development',
      appVersion: undefined,
      commitHash: undefined,
      enabled: true,
      timeoutMs: 2500,
      retries: 1,
      sampleRate: 1,
      alwaysCaptureFailures: false,
      captureSuccess: true,
      maxPayloadSizeBytes: 524288,
      maskFields: [],
      masks: [],
      remoteMaskingRules: {},
      ignoredPaths: [],
      maxBreadcrumbs: 50,
      captureLogs: true,
      logLevel: 'error',
      maxLogs: 50,
      offlineQueueMax: 100,
      flushIntervalMs: 0,
      batchMaxEvents: 20,
      batchFlushIntervalMs: 5,
      asyncSend: true,
      raiseOnError: false,
      onError: undefined,
      onQueueDrop: undefined,
      beforeSend: undefined,
      transport: fetchTransport,
      debug: false,
    })
  })

  it('cannot be changed afterwards', () => {
    expect(Object.isFrozen(settingsOf())).toBe(true)
  })
})

/** Option, its variables in their order with a value each, what the first reads as, and an option's own value. */
const TABLE: readonly [keyof ClientOptions, [variable: string, text: unknown, value: unknown][], option: unknown][] = [
  ['apiKey', [['REPLAYSTACK_API_KEY', 'rs_live_env', 'rs_live_env']], 'rs_live_option'],
  [
    'endpoint',
    [['REPLAYSTACK_ENDPOINT', 'http://127.0.0.1:4319//', 'http://127.0.0.1:4319']],
    'https://eu.example.com',
  ],
  ['ingestUrl', [['REPLAYSTACK_INGEST_URL', 'https://h/x', 'https://h/x']], 'https://h/y'],
  ['serviceName', [['REPLAYSTACK_SERVICE_NAME', ' orders ', 'orders']], 'payments'],
  [
    'environment',
    [
      ['REPLAYSTACK_ENVIRONMENT', 'staging', 'staging'],
      ['NODE_ENV', 'test', 'test'],
    ],
    'production',
  ],
  [
    'appVersion',
    [
      ['REPLAYSTACK_APP_VERSION', '1.0.0', '1.0.0'],
      ['APP_VERSION', '1.1.0', '1.1.0'],
      ['CF_VERSION_METADATA', { id: 'i', tag: 'v7', timestamp: '' }, 'v7'],
    ],
    '2.0.0',
  ],
  [
    'commitHash',
    [
      ['REPLAYSTACK_COMMIT_HASH', 'a1', 'a1'],
      ['COMMIT_HASH', 'a2', 'a2'],
      ['CF_VERSION_METADATA', { id: 'a3', tag: '', timestamp: '' }, 'a3'],
      ['VERCEL_GIT_COMMIT_SHA', 'a4', 'a4'],
      ['COMMIT_REF', 'a5', 'a5'],
    ],
    'a0',
  ],
  ['enabled', [['REPLAYSTACK_ENABLED', 'off', false]], true],
  ['timeoutMs', [['REPLAYSTACK_TIMEOUT_MS', '100', 100]], 200],
  ['retries', [['REPLAYSTACK_RETRIES', '0', 0]], 3],
  ['sampleRate', [['REPLAYSTACK_SAMPLE_RATE', '0.25', 0.25]], 0.5],
  ['captureSuccess', [['REPLAYSTACK_CAPTURE_SUCCESS', 'false', false]], true],
  ['maxPayloadSizeBytes', [['REPLAYSTACK_MAX_PAYLOAD_SIZE_BYTES', '1024', 1024]], 2048],
  ['maskFields', [], ['ssn']],
  ['masks', [], [{ fields: ['seat'], find() {} }]],
  ['ignoredPaths', [], ['/internal/*']],
  ['maxBreadcrumbs', [['REPLAYSTACK_MAX_BREADCRUMBS', '5', 5]], 0],
  ['captureLogs', [['REPLAYSTACK_CAPTURE_LOGS', 'no', false]], true],
  ['logLevel', [['REPLAYSTACK_LOG_LEVEL', 'INFO', 'info']], 'warning'],
  ['maxLogs', [['REPLAYSTACK_MAX_LOGS', '7', 7]], 8],
  ['offlineQueueMax', [['REPLAYSTACK_OFFLINE_QUEUE_MAX', '0', 0]], 10],
  ['flushIntervalMs', [['REPLAYSTACK_FLUSH_INTERVAL_MS', '5000', 5000]], 1],
  ['batchMaxEvents', [['REPLAYSTACK_BATCH_MAX_EVENTS', '30', 30]], 100],
  ['batchFlushIntervalMs', [['REPLAYSTACK_BATCH_FLUSH_INTERVAL_MS', '0', 0]], 50],
  ['asyncSend', [], false],
  ['raiseOnError', [], true],
  ['onError', [], hook],
  ['onQueueDrop', [], hook],
  ['beforeSend', [], hook],
  ['transport', [], transport],
  ['debug', [['REPLAYSTACK_DEBUG', '1', true]], false],
]

const withoutKey = (options: ClientOptions, environment: Environment) =>
  resolveOptions(options, { REPLAYSTACK_API_KEY: 'key', ...environment }).settings

describe.each(TABLE)('%s', (name, variables, option) => {
  it.each(variables)('is read from %s', (variable, text, value) => {
    expect(withoutKey({}, { [variable]: text })[name]).toEqual(value)
  })

  it('is read from the first variable that is set', () => {
    const all = Object.fromEntries(variables)
    if (variables[0]) expect(withoutKey({}, all)[name]).toEqual(variables[0][2])
  })

  it('is taken from the option over any variable', () => {
    expect(withoutKey({ [name]: option }, Object.fromEntries(variables))[name]).toEqual(option)
  })
})

describe('a flag in the environment', () => {
  it.each(['0', 'false', 'no', 'off', 'FALSE', ' Off '])('is false for %o', text => {
    expect(resolve({}, { REPLAYSTACK_ENABLED: text })).toMatchObject({ settings: { enabled: false }, problems: [] })
  })

  it.each(['1', 'true', 'yes', 'on', 'TRUE', true])('is true for %o', text => {
    expect(settingsOf({}, { REPLAYSTACK_DEBUG: text }).debug).toBe(true)
  })
})

describe('a wrong variable', () => {
  it.each([
    ['REPLAYSTACK_ENABLED', 'maybe', 'enabled', true, 'true or false'],
    ['REPLAYSTACK_TIMEOUT_MS', 'fast', 'timeoutMs', 2500, 'a whole number, from 1 to 2147483647'],
    ['REPLAYSTACK_TIMEOUT_MS', '0', 'timeoutMs', 2500, 'a whole number'],
    ['REPLAYSTACK_RETRIES', '-1', 'retries', 1, 'a whole number, 0 or more'],
    ['REPLAYSTACK_RETRIES', '1.5', 'retries', 1, 'a whole number'],
    ['REPLAYSTACK_SAMPLE_RATE', '2', 'sampleRate', 1, 'a number from 0 to 1'],
    ['REPLAYSTACK_SAMPLE_RATE', 'NaN', 'sampleRate', 1, 'a number from 0 to 1'],
    ['REPLAYSTACK_BATCH_MAX_EVENTS', '101', 'batchMaxEvents', 20, 'a whole number, from 1 to 100'],
    ['REPLAYSTACK_LOG_LEVEL', 'loud', 'logLevel', 'error', 'debug, info, warning, error'],
    [
      'REPLAYSTACK_ENDPOINT',
      'api.example.com',
      'endpoint',
      'https://api.replaystack.co',
      'an absolute http or https URL',
    ],
    ['REPLAYSTACK_ENDPOINT', 'ftp://h', 'endpoint', 'https://api.replaystack.co', 'an absolute http or https URL'],
    ['REPLAYSTACK_SERVICE_NAME', 5, 'serviceName', undefined, 'a string'],
  ] as const)('%s=%o falls back, and says why', (variable, text, name, fallback, allowed) => {
    const { settings, problems } = resolve({}, { [variable]: text })
    expect(settings[name]).toBe(fallback)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(variable)
    expect(problems[0]).toContain(allowed)
    expect(problems[0]).toContain(JSON.stringify(text))
  })

  it('that is empty counts as not set', () => {
    const environment = {
      REPLAYSTACK_TIMEOUT_MS: '',
      REPLAYSTACK_SERVICE_NAME: ' ',
      REPLAYSTACK_ENVIRONMENT: '',
      NODE_ENV: 'test',
    }
    expect(resolve({}, environment)).toMatchObject({
      settings: { timeoutMs: 2500, serviceName: undefined, environment: 'test' },
      problems: [],
    })
  })
})

describe('a wrong option', () => {
  it.each([
    ['endpoint', 'api.example.com', 'an absolute http or https URL; got "api.example.com"'],
    ['ingestUrl', 5, 'an absolute http or https URL; got 5'],
    ['serviceName', ' ', 'a string that is not empty; got " "'],
    ['remoteMaskingRules', ['ssn'], '{ fields: a list of strings that are not empty }; got ["ssn"]'],
    ['remoteMaskingRules', { fields: 'ssn' }, '{ fields: a list of strings that are not empty }; got {"fields":"ssn"}'],
    ['serviceName', null, 'a string that is not empty; got null'],
    ['enabled', 'true', 'true or false; got "true"'],
    ['timeoutMs', '100', 'a whole number, from 1 to 2147483647; got "100"'],
    // Node's timer would fire at once.
    ['timeoutMs', 3_000_000_000, 'a whole number, from 1 to 2147483647; got 3000000000'],
    ['timeoutMs', Number.POSITIVE_INFINITY, 'a whole number, from 1 to 2147483647; got Infinity'],
    ['retries', -1, 'a whole number, 0 or more; got -1'],
    ['sampleRate', 1.1, 'a number from 0 to 1; got 1.1'],
    ['sampleRate', -0.1, 'a number from 0 to 1; got -0.1'],
    ['sampleRate', Number.NaN, 'a number from 0 to 1; got NaN'],
    ['maskFields', 'ssn', 'a list of strings that are not empty; got "ssn"'],
    ['maskFields', ['a', ''], 'a list of strings that are not empty; got ["a",""]'],
    ['masks', { find() {} }, 'a list of masks, as those of @replaystack/edge/masks; got {"find":'],
    ['masks', [personalData], 'a list of masks'],
    ['masks', [{ find() {}, fields: ['a', 1] }], 'a list of masks'],
    ['masks', [null], 'a list of masks'],
    ['ignoredPaths', [/x/], 'a list of strings'],
    ['logLevel', 'warn', 'debug, info, warning, error; got "warn"'],
    ['batchMaxEvents', 0, 'a whole number, from 1 to 100; got 0'],
    ['onError', 'log', 'a function; got "log"'],
    ['beforeSend', {}, 'a function; got {}'],
    ['transport', {}, 'an object with a post method; got {}'],
    ['transport', () => {}, 'an object with a post method; got function'],
  ])('%s: %o', (name, value, message) => {
    const wrong = () => resolve({ [name]: value })
    expect(wrong).toThrow(TypeError)
    expect(wrong).toThrow(`ReplayStack option "${name}" must be ${message}`)
  })

  it.each([
    [{ apiKey: 5 }, 'got number'],
    [{ apiKey: 'rs_live_0123456789\nx' }, 'a string of visible ASCII characters; got string'],
    [{ endpoint: 'rs_live_0123456789' }, 'got "[MASKED]"'],
    [{ endpoint: 'ftp://user:hunter2@host' }, 'got "ftp://[MASKED]@host"'],
  ])('never shows a secret: %#', (options, shown) => {
    expect(() => resolve(options as ClientOptions)).toThrow(shown)
  })
})

describe('an option that does not exist', () => {
  it('is told of: it may be a misspelt one', () => {
    const { problems } = resolve({ maskField: ['ssn'], captureHeaders: true, client: undefined } as ClientOptions)
    expect(problems).toEqual(['ReplayStack has no option "maskField". It is not used.'])
  })
})

describe('the key', () => {
  it.each([{}, { REPLAYSTACK_API_KEY: '' }, { REPLAYSTACK_API_KEY: '  ' }])('is required: %o', environment => {
    expect(() => resolveOptions({}, environment)).toThrow(
      new Error('ReplayStack apiKey is required. Set REPLAYSTACK_API_KEY.'),
    )
    expect(() => resolveOptions({ apiKey: '' }, environment)).toThrow(
      new Error('ReplayStack apiKey is required. Set REPLAYSTACK_API_KEY.'),
    )
  })
})

describe('addresses', () => {
  it('are made of the endpoint', () => {
    expect(settingsOf({ endpoint: 'http://h:1/base/' })).toMatchObject({
      ingestUrl: 'http://h:1/base/api/v1/ingest/events',
      bulkUrl: 'http://h:1/base/api/v1/ingest/bulk-events',
    })
  })

  it('send batches beside a custom ingest URL, not to another host', () => {
    expect(settingsOf({ ingestUrl: 'https://proxy/in/events' }).bulkUrl).toBe('https://proxy/in/bulk-events')
    const endpoint = 'https://other'
    expect(settingsOf({ ingestUrl: 'https://proxy/in', endpoint, batchMaxEvents: 20 })).toMatchObject({
      bulkUrl: 'https://other/api/v1/ingest/bulk-events',
      batchMaxEvents: 20,
    })
  })

  it('send no batches where a custom ingest URL does not tell where to', () => {
    const { settings, problems } = resolveOptions(
      { apiKey: 'k', ingestUrl: 'https://proxy/in', batchMaxEvents: 20 },
      {},
    )
    expect(settings.batchMaxEvents).toBe(1)
    expect(problems).toEqual([expect.stringContaining('one event at a time')])
    expect(resolveOptions({ apiKey: 'k', ingestUrl: 'https://proxy/in' }, {}).problems).toEqual([])
  })
})

describe('the environment', () => {
  it('of a Worker may hold numbers and booleans', () => {
    expect(settingsOf({}, { REPLAYSTACK_RETRIES: 2, REPLAYSTACK_ENABLED: false })).toMatchObject({
      retries: 2,
      enabled: false,
    })
  })

  it('may refuse to be read', () => {
    const refusing = new Proxy(
      {},
      {
        get: () => {
          throw new Error('NotCapable')
        },
      },
    )
    expect(resolve({}, refusing).settings.timeoutMs).toBe(2500)
  })

  it('of the process is looked up at the time of the call', () => {
    vi.stubEnv('REPLAYSTACK_SERVICE_NAME', 'late')
    expect(hostEnvironment()['REPLAYSTACK_SERVICE_NAME']).toBe('late')
    vi.unstubAllEnvs()
    vi.stubGlobal('process', undefined)
    expect(hostEnvironment()).toEqual({})
    vi.unstubAllGlobals()
  })
})

describe('adapter options', () => {
  it('have their defaults', () => {
    expect(resolveAdapterOptions({})).toEqual({
      captureRequestBody: true,
      captureResponseBody: true,
      captureHeaders: true,
      captureAborted: false,
      automaticBreadcrumbs: true,
      ignoredPaths: ['/health', '/metrics', '/favicon.ico'],
      getTraceId: undefined,
      shouldCapture: undefined,
    })
  })

  it('add to the paths that are ignored', () => {
    expect(resolveAdapterOptions({ ignoredPaths: ['/internal/*'] }).ignoredPaths).toEqual([
      '/health',
      '/metrics',
      '/favicon.ico',
      '/internal/*',
    ])
  })

  it.each(['captureRequestBody', 'captureResponseBody', 'captureHeaders', 'captureAborted', 'automaticBreadcrumbs'])(
    '%s must be a flag',
    name => {
      expect(() => resolveAdapterOptions({ [name]: 1 })).toThrow(
        `ReplayStack option "${name}" must be ${name.endsWith('Body') ? "true, false or 'failed'" : 'true or false'}; got 1`,
      )
    },
  )

  it.each(['getTraceId', 'shouldCapture'])('%s must be a function', name => {
    expect(() => resolveAdapterOptions({ [name]: 'x' })).toThrow(
      `ReplayStack option "${name}" must be a function; got "x"`,
    )
  })
})
