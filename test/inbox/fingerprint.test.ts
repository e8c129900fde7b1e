import { describe, expect, test } from 'vitest'
import { parseStackTrace } from '../../src/event/stack.ts'
import { readIssueKind } from '../../src/inbox/issues/fingerprint.ts'
import { readMessageKind } from '../../src/inbox/issues/message-kind.ts'
import type { ReplayStackEvent } from '../../src/types.ts'
import { createSampleEvent } from './sample-event.ts'

type Fields = Partial<ReplayStackEvent>

function failure(fields: Fields): ReplayStackEvent {
  return createSampleEvent({ status: 'failed', statusCode: 500, errorName: 'Error', ...fields })
}

/** A failure that no error came of. */
const nameless = (statusCode: number): Fields => ({ errorName: '', errorMessage: '', statusCode })

const idOf = (fields: Fields) => readIssueKind(failure(fields))?.issueId

const message = (errorMessage: string): Fields => ({ errorMessage })

/** An event whose frames are read from V8's lines. */
function at(...lines: string[]): Fields {
  const stackTrace = ['Error: m', ...lines.map(line => `    at ${line}`)].join('\n')
  return { errorMessage: 'm', stackTrace, stackFrames: parseStackTrace(stackTrace) }
}

/** What another language's runtime printed, without frames. */
const printed = (stackTrace: string, fields: Fields = {}): Fields => ({ errorMessage: 'm', stackTrace, ...fields })

const caused = (...chain: [name: string, text: string][]): Fields => ({
  errorMessage: 'Query failed',
  metadata: {
    causes: chain.map(([errorName, errorMessage], index) => ({
      path: Array(index + 1)
        .fill('cause')
        .join('.'),
      errorName,
      errorMessage,
    })),
  },
})

const python = (line: number, name: string, folder = '/app') => `Traceback (most recent call last):
  File "${folder}/shop/views.py", line 10, in handle
    charge(order)
  File "${folder}/shop/payments.py", line ${line}, in ${name}
    raise ValueError(order)
  File "/usr/lib/python3.12/site-packages/stripe/client.py", line 99, in request
ValueError: m`

const java = (line: number, method: string) => `java.lang.IllegalStateException: m
\tat java.base/java.util.Optional.orElseThrow(Optional.java:403)
\tat com.shop.Payments.${method}(Payments.java:${line})
\tat org.springframework.web.Servlet.service(Servlet.java:897)`

const go = (line: number, name: string) => `goroutine 17 [running]:
runtime/debug.Stack()
\t/usr/local/go/src/runtime/debug/stack.go:24 +0x65
main.${name}(0xc00001)
\t/app/shop/payments.go:${line} +0x1d
main.main()
\t/app/shop/main.go:9 +0x1d`

const SAME: [what: string, one: Fields, other: Fields][] = [
  ['a number', message('Order 17 not found'), message('Order 2048 not found')],
  ['a decimal', message('Total 17.50 is too high'), message('Total 1,299.00 is too high')],
  ['a negative number', message('Balance is -3'), message('Balance is 12')],
  ['a number with a unit', message('Timed out after 500ms'), message('Timed out after 2000ms')],
  ['a number in a path', message('GET /orders/17 failed'), message('GET /orders/18 failed')],
  ['a number after a letter and a dash', message('No item-17 in stock'), message('No item-4 in stock')],
  [
    'a UUID',
    message('User 1f0c2b3a-0000-4000-8000-00000000000a is gone'),
    message('User 2e1d3c4b-1111-4111-9111-11111111111b is gone'),
  ],
  ['a hexadecimal id', message('No commit 3f2c1ab4'), message('No commit 99e0d7c5b2')],
  ['a pointer', message('Fault at 0x7ffe12'), message('Fault at 0xdeadbeef')],
  ['a prefixed id', message('No order ord_7f3a9'), message('No order ord_1b22c')],
  ['an ULID', message('Key 01HZY3V5K8Q2W4E6R8T0Y2U4I6 is used'), message('Key 01HZY3V5K8Q2W4E6R8T0Y2U4Z9 is used')],
  ['a token', message('Bad token eyJhbGciOiJIUzI1NiJ9abc1'), message('Bad token x8Kd02mfjE92kdLsmw83ks')],
  ['an e-mail address', message('ann@shop.example is taken'), message('bob.b+x@mail.example.org is taken')],
  ['a URL', message('fetch https://a.example/x?y=1 failed'), message('fetch http://b.example:8080/ failed')],
  ['an IPv4 address', message('connect ECONNREFUSED 10.0.0.1:5432'), message('connect ECONNREFUSED 192.168.1.20:5433')],
  [
    'an IPv6 address',
    message('connect ECONNREFUSED ::1:5432'),
    message('connect ECONNREFUSED fe80::1ff:fe23:4567:890a'),
  ],
  ['an ISO date', message('Expired at 2026-01-31T12:00:00.000Z'), message('Expired at 2025-12-01T00:00:00+02:00')],
  ['a day', message('No rate for 2026-01-31'), message('No rate for 2026-02-01')],
  [
    'a written date',
    message('Expired Sat Jan 31 2026 12:00:00 GMT+0000'),
    message('Expired Sun Feb 1 2026 08:30:00 GMT+0100'),
  ],
  ['a time', message('Locked since 12:01:59'), message('Locked since 08:30:00')],
  ['text in double quotes', message('Unknown coupon "SUMMER"'), message('Unknown coupon "winter sale"')],
  [
    'text in single quotes',
    message("Cannot read properties of undefined (reading 'total')"),
    message("Cannot read properties of undefined (reading 'id')"),
  ],
  ['text in backticks', message('Invalid `prisma.user.find()`'), message('Invalid `prisma.order.find()`')],
  ['a quote inside quotes', message('Unknown coupon "a\\"b"'), message('Unknown coupon "c"')],
  ['text in typographic quotes', message('Unbekannt: „Lampe“'), message('Unbekannt: „Tisch“')],
  ['JSON', message('Bad body {"id":17,"name":"a"}'), message('Bad body {"id":9,"name":"b c"}')],
  ['white space', message('Order  not\n found'), message('Order not found')],
  ['a line', at('charge (/app/src/pay.ts:10:5)'), at('charge (/app/src/pay.ts:99:1)')],
  [
    'the folder of a machine',
    at('charge (/home/ci/shop/src/pay.ts:10:5)'),
    at('charge (file:///Users/ann/shop/src/pay.ts:10:5)'),
  ],
  [
    'separators of Windows',
    at('charge (C:\\ci\\shop\\src\\pay.ts:10:5)'),
    at('charge (/home/ci/shop/src/pay.ts:10:5)'),
  ],
  [
    'framework frames before it',
    at('charge (/app/src/pay.ts:1:1)'),
    at('raise (/app/node_modules/lib/index.js:1:1)', 'charge (/app/src/pay.ts:1:1)'),
  ],
  [
    'frames after it',
    at('charge (/app/src/pay.ts:1:1)', 'a (/app/src/a.ts:1:1)'),
    at('charge (/app/src/pay.ts:1:1)', 'b (/app/src/b.ts:1:1)'),
  ],
  [
    'the route, where there are frames',
    { ...at('charge (/app/src/pay.ts:1:1)'), endpoint: '/a' },
    { ...at('charge (/app/src/pay.ts:1:1)'), endpoint: '/b' },
  ],
  ['async', at('async charge (/app/src/pay.ts:1:1)'), at('charge (/app/src/pay.ts:1:1)')],
  ['Object.', at('Object.charge (/app/src/pay.ts:1:1)'), at('charge (/app/src/pay.ts:1:1)')],
  ['[as x]', at('Shop.charge [as pay] (/app/src/pay.ts:1:1)'), at('Shop.charge (/app/src/pay.ts:1:1)')],
  [
    'minified names',
    at('t (https://a.example/assets/app.js:1:9000)'),
    at('nR (https://a.example/assets/app.js:1:9100)'),
  ],
  [
    'the hash of a bundle',
    at('charge (https://a.example/assets/app-4f3a2b1c.js:1:9)'),
    at('charge (https://a.example/assets/app-99e0d7c5.js:1:9)'),
  ],
  [
    'the query of a bundle',
    at('charge (https://a.example/assets/app.js?v=1:1:9)'),
    at('charge (https://a.example/assets/app.js?v=22:1:9)'),
  ],
  ['a number that a bundler gave', at('charge$1 (/app/dist/index.js:1:1)'), at('charge (/app/dist/index.js:1:1)')],
  ['an id in the path, without frames', { endpoint: '/orders/17' }, { endpoint: '/orders/18' }],
  [
    'a route pattern, without frames',
    { endpoint: '/a/x', metadata: { route: '/a/:name' } },
    { endpoint: '/a/y', metadata: { route: '/a/:name' } },
  ],
  [
    'only framework frames',
    { ...at('a (/app/node_modules/x/a.js:1:1)'), endpoint: '/a' },
    { ...at('b (node:internal/b:1:1)'), endpoint: '/a' },
  ],
  [
    'service, version and commit',
    { serviceName: 'a', appVersion: '1', commitHash: 'a' },
    { serviceName: 'b', appVersion: '2', commitHash: 'b' },
  ],
  [
    'numbers of a cause',
    caused(['Error', 'connect ECONNREFUSED 10.0.0.1:5432']),
    caused(['Error', 'connect ECONNREFUSED 10.0.0.9:5432']),
  ],
  [
    'a cause between',
    caused(['DbError', 'failed on node 1'], ['Error', 'ECONNRESET']),
    caused(['PoolError', 'gave up'], ['Error', 'ECONNRESET']),
  ],
  ['a line of Python', printed(python(31, 'charge')), printed(python(77, 'charge', '/srv/releases/12'))],
  ['a line of Java', printed(java(31, 'charge')), printed(java(40, 'charge'))],
  ['a lambda of Java', printed(java(31, 'lambda$charge$0')), printed(java(31, 'lambda$charge$3'))],
  ['a line of Go', printed(go(31, 'charge')), printed(go(77, 'charge'))],
  ['a closure of Go', printed(go(31, 'charge.func1')), printed(go(77, 'charge.func2'))],
  [
    'a line of PHP',
    printed('#0 /app/src/Payments.php(31): Payments->charge()'),
    printed(
      '#0 /app/vendor/lib/Client.php(9): Client->send()\n#1 /app/src/Payments.php(77): Payments->charge(Object(Order))',
    ),
  ],
  [
    'a line of Ruby',
    printed("/app/models/payment.rb:31:in `charge'"),
    printed("/usr/gems/stripe/client.rb:3:in `call'\n/app/models/payment.rb:77:in `charge'"),
  ],
  [
    'a line of C#',
    printed('   at Shop.Payments.Charge(String id) in /app/Shop/Payments.cs:line 31'),
    printed('   at System.Linq.First()\n   at Shop.Payments.Charge(String id) in /build/Shop/Payments.cs:line 77'),
  ],
]

const DIFFERENT: [what: string, one: Fields, other: Fields][] = [
  ['what is said', message('Order not found'), message('Order not paid')],
  ['what is said after a number', message('17 orders failed'), message('17 users failed')],
  ['a word with a digit', message('No http2 here'), message('No http3 here')],
  ['a word of hexadecimal letters', message('decade is over'), message('facade is over')],
  [
    'what is read of nothing',
    message("Cannot read properties of undefined (reading 'a')"),
    message("Cannot read properties of null (reading 'a')"),
  ],
  ['apostrophes', message("can't read the user's name"), message("can't write the user's name")],
  ['the error name', { errorName: 'TypeError', errorMessage: 'm' }, { errorName: 'RangeError', errorMessage: 'm' }],
  ['the event type', { eventType: 'api', errorMessage: 'm' }, { eventType: 'cron', errorMessage: 'm' }],
  ['the function', at('charge (/app/src/pay.ts:1:1)'), at('refund (/app/src/pay.ts:1:1)')],
  ['the file', at('charge (/app/src/pay.ts:1:1)'), at('charge (/app/src/orders.ts:1:1)')],
  ['the folder of the file', at('charge (/app/pay/index.ts:1:1)'), at('charge (/app/orders/index.ts:1:1)')],
  ['the class', at('Orders.create (/app/src/a.ts:1:1)'), at('Users.create (/app/src/a.ts:1:1)')],
  [
    'minified names in another bundle',
    at('t (https://a.example/assets/app.js:1:1)'),
    at('t (https://a.example/assets/admin.js:1:1)'),
  ],
  ['the route, without frames', { endpoint: '/orders' }, { endpoint: '/users' }],
  ['the method, without frames', { method: 'GET' }, { method: 'POST' }],
  [
    'the job, without frames',
    { eventType: 'cron', endpoint: 'daily-report' },
    { eventType: 'cron', endpoint: 'weekly-report' },
  ],
  ['the status code, without an error', nameless(500), nameless(503)],
  ['the cause', caused(['Error', 'ECONNREFUSED']), caused(['Error', 'syntax error'])],
  ['the name of the cause', caused(['TimeoutError', 'm']), caused(['TypeError', 'm'])],
  ['a cause and none', caused(['Error', 'm']), message('Query failed')],
  [
    'the end of the chain',
    caused(['DbError', 'm'], ['Error', 'ECONNRESET']),
    caused(['DbError', 'm'], ['Error', 'EPIPE']),
  ],
  ['the function of Python', printed(python(31, 'charge')), printed(python(31, 'refund'))],
  ['the function of Java', printed(java(31, 'charge')), printed(java(31, 'refund'))],
  ['the function of Go', printed(go(31, 'charge')), printed(go(31, 'refund'))],
  [
    'the function of PHP',
    printed('#0 /app/src/Payments.php(31): Payments->charge()'),
    printed('#0 /app/src/Payments.php(31): Payments->refund()'),
  ],
  [
    'the function of Ruby',
    printed("/app/models/payment.rb:31:in `charge'"),
    printed("/app/models/payment.rb:31:in `refund'"),
  ],
  [
    'the function of C#',
    printed('   at Shop.Payments.Charge(String id) in /app/Shop/Payments.cs:line 31'),
    printed('   at Shop.Payments.Refund(String id) in /app/Shop/Payments.cs:line 31'),
  ],
]

describe('one issue, whatever is', () => {
  test.each(SAME)('%s', (_what, one, other) => {
    expect(idOf(one)).toMatch(/^[\da-f]{16}$/)
    expect(idOf(other)).toBe(idOf(one))
  })
})

describe('another issue, by', () => {
  test.each(DIFFERENT)('%s', (_what, one, other) => {
    expect(idOf(one)).toMatch(/^[\da-f]{16}$/)
    expect(idOf(other)).not.toBe(idOf(one))
  })
})

describe('an issue', () => {
  test('is called as its failure, and says where', () => {
    const kind = readIssueKind(failure({ ...at('Shop.charge (/app/src/pay.ts:1:1)'), errorName: 'TypeError' }))
    expect(kind).toMatchObject({ title: 'TypeError: m', culprit: 'Shop.charge (src/pay.ts)', errorName: 'TypeError' })
    const bare = createSampleEvent({ status: 'failed', statusCode: 500, endpoint: '/orders/17' })
    expect(readIssueKind(bare)).toMatchObject({ title: '500 POST /orders/:id', culprit: 'POST /orders/:id' })
  })

  test('is of failures alone', () => {
    expect(readIssueKind(createSampleEvent({ status: 'warning', errorName: 'E' }))).toBeUndefined()
  })

  test('has the frame of its source', () => {
    const bundled = failure(at('t (/app/dist/worker.js:1:9000)'))
    const resolve = () => ({
      functionName: 'charge',
      fileName: 'src/pay.ts',
      lineNumber: 3,
      columnNumber: 1,
      own: true,
    })
    expect(readIssueKind(bundled, resolve)).toMatchObject({ culprit: 'charge (src/pay.ts)' })
    expect(readIssueKind(bundled, resolve)?.issueId).toBe(idOf(at('charge (/app/src/pay.ts:8:8)')))
  })

  test('takes no longer than its text is, whatever the text', () => {
    const started = process.cpuUsage().user
    const parts = [
      'a@',
      '"',
      "'",
      '1.',
      '::',
      'a-',
      '\\',
      'ab1',
      'http://',
      'at a(',
      '#1 a',
      'File "',
      'Jan 1 ',
      '0x',
      '_',
    ]
    for (const part of parts) {
      const text = part.repeat(100_000)
      expect(readMessageKind(text).length).toBeLessThanOrEqual(300)
      expect(idOf(printed(text, { errorMessage: text }))).toMatch(/^[\da-f]{16}$/)
      expect(idOf(printed(Array(10_000).fill(part.repeat(50)).join('\n')))).toMatch(/^[\da-f]{16}$/)
    }
    expect(process.cpuUsage().user - started).toBeLessThan(5_000_000)
  })
})
