/** Requests byte by byte that no well-meaning client sends, for servers and Workers alike. */

const GREETING = 'Host: h.example\r\nConnection: close\r\n'

/** A request with these lines between its own and its body. */
const request = (line: string, headers = '', body = ''): string =>
  `${line} HTTP/1.1\r\n${GREETING}${headers}\r\n${body}`
const get = (headers: string): string => request('GET /read', headers)
const post = (headers: string, body: string, length = Buffer.byteLength(body, 'latin1')): string =>
  request('POST /read', `${headers}Content-Length: ${length}\r\n`, body)
const chunked = (body: string): string => request('POST /read', 'Transfer-Encoding: chunked\r\n', body)

const JSON_TYPE = 'Content-Type: application/json\r\n'
const FORM_TYPE = 'Content-Type: application/x-www-form-urlencoded\r\n'
const multipart = (boundary: string): string => `Content-Type: multipart/form-data; boundary=${boundary}\r\n`

const keys = (count: number): string =>
  `{${Array.from({ length: count }, (_, index) => `"key${index}":${index}`).join(',')}}`

/** Each by what it is, in Latin-1: a byte a character. */
export const RAW_REQUESTS: readonly (readonly [what: string, bytes: string])[] = [
  ['a plain one', get('')],
  // Trace ids.
  ['a trace id of spaces', get('X-Trace-Id:    \r\n')],
  ['a trace id with a space', get('X-Trace-Id: a b\r\n')],
  ['a trace id over two lines', get('X-Trace-Id: a\r\n X-Injected: 1\r\n')],
  ['a trace id with a bare return', get('X-Trace-Id: a\rX-Injected: 1\r\n')],
  ['a trace id with an escape', get('X-Trace-Id: a\u001b[31m\r\n')],
  ['a trace id that is percent-encoded', get('X-Trace-Id: a%0d%0aX-Injected:%201\r\n')],
  ['a trace id of bytes', get('X-Trace-Id: \xff\xfe\xe9\r\n')],
  ['a trace id of 128 signs', get(`X-Trace-Id: ${'<"\'>'.repeat(32)}\r\n`)],
  ['a trace id of 129 signs', get(`X-Trace-Id: ${'a'.repeat(129)}\r\n`)],
  ['a trace id of 10,000 signs', get(`X-Trace-Id: ${'a'.repeat(10_000)}\r\n`)],
  ['two trace ids', get('X-Trace-Id: one\r\nX-Trace-Id: two\r\n')],
  ['a traceparent of zeros', get(`Traceparent: 00-${'0'.repeat(32)}-${'0'.repeat(16)}-00\r\n`)],
  ['a traceparent of 10,000 signs', get(`Traceparent: 00-${'a'.repeat(10_000)}\r\n`)],
  // Headers.
  ['a header of 12,000 bytes', get(`X-Long: ${'a'.repeat(12_000)}\r\n`)],
  ['a header that is too long', get(`X-Long: ${'a'.repeat(80_000)}\r\n`)],
  ['a thousand headers', get(Array.from({ length: 1000 }, (_, index) => `X-${index}: a\r\n`).join(''))],
  ['a thousand of one header', get('Cookie: a=b; session=hunter2\r\n'.repeat(200))],
  ['a header without a name', get(': a\r\n')],
  ['a header without a colon', get('X-Nothing\r\n')],
  ['a header named __proto__', get('__proto__: polluted\r\nconstructor: a\r\ntoString: b\r\n')],
  ['an Authorization of 8,000 signs', get(`Authorization: Bearer ${'hunter2 '.repeat(1000)}\r\n`)],
  ['an Authorization without a scheme', get('Authorization: hunter2\r\n')],
  ['Basic credentials that are none', get('Authorization: Basic %%%hunter2\r\n')],
  ['cookies that are none', get('Cookie: ;;;===;hunter2;a=b=c;__proto__=x\r\n')],
  [
    'a proxy that lies',
    get("X-Forwarded-Host: evil.example/x?, b\r\nX-Forwarded-Proto: javascript:\r\nX-Forwarded-For: '--\r\n"),
  ],
  ['a host with userinfo', `GET /read HTTP/1.1\r\nHost: user@h.example\r\nConnection: close\r\n\r\n`],
  ['a host with spaces', `GET /read HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n`],
  ['no host', 'GET /read HTTP/1.1\r\nConnection: close\r\n\r\n'],
  ['HTTP/1.0', 'GET /read HTTP/1.0\r\n\r\n'],
  // URLs.
  ['a URL of 8,000 signs', request(`GET /${'a'.repeat(8000)}`)],
  ['a query of 8,000 signs', request(`GET /read?${'a=b&'.repeat(2000)}`)],
  ['a query of percent signs', request(`GET /read?${'%'.repeat(5000)}`)],
  ['a query of bad encodings', request('GET /read?%zz=%ff&password=%E0%A4%A&%00=%0d%0a')],
  ['a path of bytes', request('GET /\xff\xfe')],
  ['a path of two slashes', request('GET //evil.example/read')],
  ['a path of dots', request('GET /../../../../etc/passwd;x=/..\\..')],
  ['a path of nulls', request('GET /%00%00')],
  ['a fragment', request('GET /read#password=hunter2')],
  ['an absolute URL', request('GET http://user:hunter2@evil.example/read?token=hunter2')],
  ['an absolute URL of another kind', request('GET ftp://evil.example/read')],
  ['an asterisk', request('OPTIONS *')],
  ['an unknown method', request('PROPFIND /read')],
  ['no method at all', 'hello\r\n\r\n'],
  // Bodies that lie.
  ['JSON that is none', post(JSON_TYPE, '{"password":"hunter2"')],
  ['JSON that is bytes', post(JSON_TYPE, '\0\x01\xff\xfe\x80'.repeat(100))],
  ['JSON of half pairs', post(JSON_TYPE, '{"a":"\\ud800","\\udfff":1}')],
  ['JSON of 100,000 levels', post(JSON_TYPE, `${'['.repeat(100_000)}${']'.repeat(100_000)}`)],
  ['JSON of 100,000 open lists', post(JSON_TYPE, '['.repeat(100_000))],
  ['JSON of 100,000 open objects', post(JSON_TYPE, '{"a":'.repeat(100_000))],
  ['JSON of 100,000 keys', post(JSON_TYPE, keys(100_000))],
  ['JSON of a number without an end', post(JSON_TYPE, '9'.repeat(100_000))],
  ['JSON with __proto__', post(JSON_TYPE, '{"__proto__":{"polluted":true},"password":"hunter2"}')],
  ['JSON in UTF-16', post('Content-Type: application/json; charset=utf-16\r\n', '\xff\xfe{\0}\0')],
  ['a form of 100,000 names', post(FORM_TYPE, Array.from({ length: 100_000 }, (_, index) => `a${index}=b`).join('&'))],
  ['a form of one name 100,000 times', post(FORM_TYPE, 'password=hunter2&'.repeat(100_000))],
  ['a form of percent signs', post(FORM_TYPE, '%'.repeat(10_000))],
  ['a form that is bytes', post(FORM_TYPE, '\xff=\xfe&\0=\0')],
  ['a multipart body without parts', post(multipart('x'), 'hunter2')],
  [
    'a multipart body without an end',
    post(multipart('x'), '--x\r\nContent-Disposition: form-data; name="password"\r\n\r\nhunter2'),
  ],
  ['a multipart body without a boundary', post('Content-Type: multipart/form-data\r\n', '--x\r\n\r\nhunter2\r\n--x--')],
  ['a boundary of 5,000 signs', post(multipart('-'.repeat(5000)), `--${'-'.repeat(5000)}--`)],
  [
    '10,000 parts',
    post(multipart('x'), `${'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n'.repeat(10_000)}--x--`),
  ],
  ['a type of 5,000 signs', post(`Content-Type: application/${'a+'.repeat(2500)}json\r\n`, '{}')],
  ['a type that is none', post('Content-Type: \xff;;;=\r\n', '{"password":"hunter2"}')],
  ['gzip that is none', post(`${JSON_TYPE}Content-Encoding: gzip\r\n`, '{"password":"hunter2"}')],
  ['an unknown encoding', post(`${JSON_TYPE}Content-Encoding: made, up\r\n`, '{"password":"hunter2"}')],
  ['a body for a GET', request('GET /read', `${JSON_TYPE}Content-Length: 2\r\n`, '{}')],
  ['more than its length says', post(JSON_TYPE, '{}GET /smuggled HTTP/1.1\r\nHost: h.example\r\n\r\n', 2)],
  ['a length that is negative', request('POST /read', `${JSON_TYPE}Content-Length: -1\r\n`, '{}')],
  ['a length that is no number', request('POST /read', `${JSON_TYPE}Content-Length: 2x\r\n`, '{}')],
  ['two lengths', request('POST /read', `${JSON_TYPE}Content-Length: 2\r\nContent-Length: 3\r\n`, '{}')],
  ['a length and chunks', request('POST /read', 'Content-Length: 2\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n')],
  ['chunks', chunked('5\r\nhello\r\n0\r\n\r\n')],
  ['chunks of a byte', chunked(`${'1\r\na\r\n'.repeat(2000)}0\r\n\r\n`)],
  ['a chunk of a size that is none', chunked('zz\r\nhello\r\n0\r\n\r\n')],
  ['a chunk that is shorter than it says', chunked('5\r\nhell\r\n0\r\n\r\n')],
  ['chunks with extensions and trailers', chunked('5;a="b"\r\nhello\r\n0\r\nX-Trace-Id: late\r\n\r\n')],
  ['an expectation', request('POST /read', 'Expect: 100-continue\r\nContent-Length: 2\r\n', '{}')],
  ['an expectation that nobody meets', request('POST /read', 'Expect: a miracle\r\nContent-Length: 2\r\n', '{}')],
  [
    'a body that nobody reads',
    request('POST /early', `${JSON_TYPE}Content-Length: 200000\r\n`, `"${'a'.repeat(199_998)}"`),
  ],
]

/** What is sent of a request whose client then leaves, or goes on for ever. */
export const UNFINISHED: readonly (readonly [what: string, bytes: string])[] = [
  ['a head', 'POST /read HTTP/1.1\r\nHost: h.exa'],
  ['a head without a body', request('POST /read', `${JSON_TYPE}Content-Length: 100\r\n`)],
  ['half a body', post(JSON_TYPE, '{"password":"hunter2", "a": [1', 1000)],
  ['half a chunk', chunked('ff\r\n{"password":"hunter2"')],
  ['a chunk and half a size', chunked('5\r\nhello\r\nf')],
]

/** An answer without what differs from one time to the next, and the trace id that it carries. */
export function readAnswer(bytes: string): { traceIds: string[]; rest: string } {
  const traceIds: string[] = []
  const rest = bytes
    .replace(/^x-trace-id: ([^\r]*)\r\n/gim, (_, traceId: string) => {
      traceIds.push(traceId)
      return ''
    })
    .replace(/^date: [^\r]*\r\n/gim, '')
  return { traceIds, rest }
}
