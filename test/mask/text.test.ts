import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileMaskNames } from '../../src/mask/names.ts'
import { MASKED, maskText } from '../../src/mask/text.ts'
import { runs } from '../support/fuzz.ts'
import { expectLinearTime } from '../support/linear-time.ts'
import { TEXT_PIECES } from '../support/text-pieces.ts'

const names = compileMaskNames(['contraseña', 'ssn', 'x_custom_*'])
const mask = (text: string): string => maskText(text, names)

const header = 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9'
const jwt = `${header}.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U`
const jwe =
  'eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.OKOawDo13gRp2ojaHV7LFpZcgV7T6DVZKTyKOMTYUmKoTCVJRgckCL9k.48V1_ALb6US04U3b.5eym8TW_c8SuK0ltJ3rpYIzOeDQz7TALvtu6UG9oMo4vpzs9tX_EFShS8iB7j6ji.XFBoMYUZodetZdvTiFvSkQ'
const pem = (kind: string): string =>
  `-----BEGIN ${kind}PRIVATE KEY-----\nMIIEpAIBAAKCAQEA0Z3VS5JJcds3xfn/ygWyF8PbnGy\nAoGBAKj34GkxFhD90vcNLYLInFEX6Ppy1tPf9Cnzj4p4WGeKLs1Pt8Qu\n-----END ${kind}PRIVATE KEY-----`

describe('a secret by its shape', () => {
  it.each([
    ['Bearer abc', 'Bearer [MASKED]'],
    ['bearer mF_9.B5f-4.1JqM', 'bearer [MASKED]'],
    ['BEARER abc~+/=', 'BEARER [MASKED]'],
    ['Authorization: Bearer 1|SanctumToken40 next', 'Authorization: Bearer [MASKED]'],
    ['Bearer   a:b', 'Bearer   [MASKED]'],
    ['Bearer\tabc', 'Bearer\t[MASKED]'],
    ['Bearer+abc', 'Bearer+[MASKED]'],
    ['Bearer%20abc', 'Bearer%20[MASKED]'],
    ['"Bearer abc", "x"', '"Bearer [MASKED]", "x"'],
    ["curl -H 'Authorization: Bearer abc'", "curl -H 'Authorization: Bearer [MASKED]'"],
    [String.raw`log:\nBearer abc`, String.raw`log:\nBearer [MASKED]`],
    ['Bearer tokenabc1', 'Bearer [MASKED]'],
    ['Bearer is-a-token', 'Bearer [MASKED]'],
    ['Basic dXNlcjpwYXNz', 'Basic [MASKED]'],
    ['basic dXNlcjpwYXNzd29yZA==', 'basic [MASKED]'],
    ['BASIC YTpi', 'BASIC [MASKED]'],
    ['Basic%20dXNlcjpwYXNzd29yZA%3D%3D', 'Basic%20[MASKED]'],
    ['x Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ== y', 'x Basic [MASKED] y'],
    [`token ${jwt} rejected`, 'token [MASKED] rejected'],
    [`"${jwt}"`, '"[MASKED]"'],
    [`${jwt}.`, MASKED],
    [`%22${jwt}%22`, '%22[MASKED]%22'],
    [String.raw`a\n${jwt}`, String.raw`a\n[MASKED]`],
    [`${header}.eyJzdWIi`, MASKED],
    [jwe, MASKED],
    [`${header}..48V1_ALb6US04U3b.5eym8TW_c8SuK0lt.XFBoMYUZodetZdvT`, MASKED],
    [pem(''), MASKED],
    [pem('RSA '), MASKED],
    [pem('EC '), MASKED],
    [pem('ENCRYPTED '), MASKED],
    [pem('OPENSSH '), MASKED],
    ['-----BEGIN PGP PRIVATE KEY BLOCK-----\nlQOYBF\n-----END PGP PRIVATE KEY BLOCK----- x', '[MASKED] x'],
    [`before ${pem('')} after`, 'before [MASKED] after'],
    [pem('').replaceAll('\n', '\\n'), MASKED],
    [pem('').slice(0, -30), MASKED],
    [pem('').slice(0, 60), MASKED],
    [encodeURIComponent(pem('')), MASKED],
    ['rs_live_xxxxxxxxx', MASKED],
    ['key rs_test_abc123def456, then', 'key [MASKED], then'],
    ['tr_live_abcdef123456', MASKED],
    ['sk_live_51H8abcdefghij', MASKED],
    ['pk_test_51H8abcdefghij', MASKED],
    ['rk_live_51H8abcdefghij', MASKED],
    ['my_sk_live_51H8abcdefghij', 'my_[MASKED]'],
    [String.raw`\nsk_live_51H8abcdefghij`, String.raw`\n[MASKED]`],
    ['%20sk_live_51H8abcdefghij', '%20[MASKED]'],
    ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', MASKED],
    ['sk-proj-abcDEF1234567890abcd', MASKED],
    ['sk-ant-api03-abcdefghijklmnop', MASKED],
    ['ghp_16C7e42F292c6912E7710c838347Ae178B4a', MASKED],
    ['gho_16C7e42F292c6912E7710c838347Ae178B4a', MASKED],
    ['github_pat_11ABCDEFG0123456789_abcdefghijklmnop', MASKED],
    ['glpat-abcdefghij0123456789', MASKED],
    ['xoxb-123456789012-abcdefghijkl', MASKED],
    ['AKIAIOSFODNN7EXAMPLE', MASKED],
    ['ASIAIOSFODNN7EXAMPLE', MASKED],
    [`AIza${'a'.repeat(35)}`, MASKED],
    [`npm_${'a'.repeat(36)}`, MASKED],
    [`dop_v1_${'a'.repeat(64)}`, MASKED],
    [`SG.${'a'.repeat(22)}.${'b'.repeat(43)}`, MASKED],
    ['postgres://user:pass@db/x', 'postgres://[MASKED]@db/x'],
    ['redis://:pass@h:6379', 'redis://[MASKED]@h:6379'],
    ['https://token@github.com/a.git', 'https://[MASKED]@github.com/a.git'],
    ['https://u:p@ss@h/', 'https://[MASKED]@h/'],
    ['amqp://u:p%40ss@h/ and mysql://a:b@c', 'amqp://[MASKED]@h/ and mysql://[MASKED]@c'],
    [String.raw`"https:\/\/u:p@h\/"`, String.raw`"https:\/\/[MASKED]@h\/"`],
    ['to=https%3A%2F%2Fu%3Ap%40h%2F', 'to=https%3A%2F%2F[MASKED]%40h%2F'],
    ['postgres://user:hunter2', 'postgres://[MASKED]'],
    // Too long for a port.
    ['postgres://user:123456', 'postgres://[MASKED]'],
    ['postgres://user:80:x', 'postgres://[MASKED]'],
    ['postgres://user:80@h', 'postgres://[MASKED]@h'],
  ])('goes from %j', (text, expected) => {
    expect(mask(text)).toBe(expected)
  })

  it.each([
    'the basic plan',
    'Basic plan: 10 €',
    'basic authentication failed',
    'Visual Basic 2019',
    'basic HTTP and OAuth2',
    'Basic realm="x"',
    'BASIC AUTH',
    'basic',
    'bearer token is missing',
    'Bearer tokens are required',
    'Bearer authentication',
    'Bearer authorization header missing',
    'Bearer realm="api", error="invalid_token"',
    'Bearer error="invalid_token"',
    'the bearer of news',
    'forbearer abc',
    'a test_mode flag',
    'my_test_function',
    'run_live_migration',
    'task_test_runner',
    'sk-fading-circle-container',
    'task-management-system-for-all',
    'npm_package_name',
    'npm_config_registry_of_this_project',
    'eyJ',
    'eyJhbGciOiJIUzI1NiJ9',
    'heyJude.mp3',
    '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
    '-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----',
    'https://example.com/a?b=c#d',
    'https://example.com/?contact=me@example.com',
    'http://localhost:3000',
    'http://localhost:3000/a',
    'http://[::1]:3000',
    'http://h:3000?a=1#b',
    'from "http://h:3000" to <http://h:65535>',
    'wss://h:8080/x',
    'see https://example.com/a, write to me@example.com',
    'me@example.com',
    'mailto:me@example.com',
    'git@github.com:a/b.git',
    '2026-01-02T03:04:05.678Z',
    'f4b1d4e3-0000-4000-8000-0123456789ab',
    "Cannot read properties of undefined (reading 'token')",
    'Unexpected token < in JSON at position 0',
    "TypeError: Cannot read properties of undefined (reading 'session')\n    at Object.<anonymous> (/app/src/session.ts:10:15)\n    at async token (file:///app/a.js:1:2)\n    at new Password (webpack-internal:///./src/secret.js:3:4)",
    'handle@https://example.com/app.js:10:5',
    '100 % of 5 %',
    'a < b && c > d',
    'token',
    'password',
    'The password is wrong: try again',
    'session: expired',
    'const token = read()',
    'if (token === secret) { session => session.id }',
    'x == y, secret != other',
    'list.map(token=>token.id)',
    '',
    'a',
    '\\',
    '%',
    '%%%',
    '"',
    '=',
    ':',
    '<password/>',
    '<password></password>',
    '<author>Ada</author>',
    '"author": "Ada", "tokens_used": 5, \'pinned\': true',
    'author=Ada&tokens_used=5&session_count=2&description=a+b%20c',
    'password=&token=',
  ])('is not in %j', text => {
    expect(mask(text)).toBe(text)
  })
})

describe('name=value', () => {
  it.each([
    ['password=hunter2', 'password=[MASKED]'],
    ['a=1&password=hunter2&b=2', 'a=1&password=[MASKED]&b=2'],
    ['/cb?access_token=abc&state=x', '/cb?access_token=[MASKED]&state=x'],
    ['/cb#access_token=abc&state=x', '/cb#access_token=[MASKED]&state=x'],
    ['/cb?token=abc#access_token=def', '/cb?token=[MASKED]#access_token=[MASKED]'],
    ['?next=/login?token=abc', '?next=/login?token=[MASKED]'],
    ['?a[password]=x&user.token=y&c[]=z', '?a[password]=[MASKED]&user.token=[MASKED]&c[]=z'],
    ['user%5Bpassword%5D=x', 'user%5Bpassword%5D=[MASKED]'],
    ['pass%77ord=x', 'pass%77ord=[MASKED]'],
    ['api+key=x&api%20key=y&api%2520key=z', 'api+key=[MASKED]&api%20key=[MASKED]&api%2520key=[MASKED]'],
    ['token=ab+cd%2Fef==&x=1', 'token=[MASKED]&x=1'],
    ['token==abc', 'token==abc'],
    ["token=ab'),cd'&x=1", 'token=[MASKED]&x=1'],
    ["token=it's-my-secret&x=1", 'token=[MASKED]&x=1'],
    ["https://h/it's?token=abc'&x=1", "https://h/it's?token=[MASKED]&x=1"],
    ["q=O'Brien&token=abc'", "q=O'Brien&token=[MASKED]"],
    ["q='a'&token=abc', d", "q='a'&token=[MASKED] d"],
    ["q='a&token=abc'&x=1", "q='a&token=[MASKED]&x=1"],
    ['password=a"b<c>d;e#f?g,h&x=1', 'password=[MASKED]&x=1'],
    ['password=[a]bcd&x=1', 'password=[MASKED]&x=1'],
    ['session={"a": "b c"} d', 'session=[MASKED] d'],
    ['ssn=1&x_custom_y=2', 'ssn=[MASKED]&x_custom_y=[MASKED]'],
    ['pin=1', 'pin=[MASKED]'],
    ['session=abc; theme=dark; csrf_token=def', 'session=[MASKED]; theme=dark; csrf_token=[MASKED]'],
    ['connect.sid=s%3Aabc.def; Path=/', 'connect.sid=[MASKED]; Path=/'],
    ['Server=db;User Id=sa;Password=hunter2;Encrypt=true', 'Server=db;User Id=sa;Password=[MASKED];Encrypt=true'],
    ['Server=db;Password="a;b""c;d";User=sa', 'Server=db;Password="[MASKED]";User=sa'],
    ['Password="a""b;c=d e";User=sa', 'Password="[MASKED]";User=sa'],
    ["Password='a;b';User=sa", "Password='[MASKED]';User=sa"],
    ['Password="a b"c&x=1', 'Password="[MASKED]"&x=1'],
    ['AccountName=a;AccountKey=abc==;EndpointSuffix=x', 'AccountName=a;AccountKey=[MASKED];EndpointSuffix=x'],
    ['host=db user=sa password=hunter2 dbname=x', 'host=db user=sa password=[MASKED] dbname=x'],
    [String.raw`{"q":"password=\"hun ter\" x"`, String.raw`{"q":"password=\"[MASKED]\" x"`],
    [String.raw`password="hun\"ter" x`, 'password="[MASKED]" x'],
    ['Map{password=hunter2, user=bob}', 'Map{password=[MASKED] user=bob}'],
    ['(token=abc', '(token=[MASKED]'],
    ['url "https://h/?token=abc" failed', 'url "https://h/?token=[MASKED]" failed'],
    ["url 'https://h/?token=abc', next", "url 'https://h/?token=[MASKED]', next"],
    ['<a href="?token=abc">x</a>', '<a href="?token=[MASKED]">x</a>'],
    ['<a href=?token=abc&x=1>x</a>', '<a href=?token=[MASKED]&x=1>x</a>'],
    ['?a=1&amp;token=abc&amp;b=2', '?a=1&amp;token=[MASKED]&amp;b=2'],
    ['DB_PASSWORD=x\nPORT=80', 'DB_PASSWORD=[MASKED]\nPORT=80'],
    ['data="a=1&password=hunter2"', 'data="a=1&password=[MASKED]"'],
    [`${'a'.repeat(200)}.password=x`, `${'a'.repeat(200)}.password=[MASKED]`],
    ['password=é😀&x=1', 'password=[MASKED]&x=1'],
  ])('%j', (text, expected) => {
    expect(mask(text)).toBe(expected)
  })
})

describe('percent-encoding', () => {
  const inner = 'https://h/cb?password=hunter2&y=1'
  const encodings = [inner]
  for (let level = 0; level < 6; level++) encodings.push(encodeURIComponent(encodings[level] ?? ''))

  it.each(encodings)('hides nothing: %s', encoded => {
    for (const text of [
      `a=1&to=${encoded}&z=2`,
      `/path/${encoded}/x`,
      `to ${encoded} it went`,
      `{"to":"${encoded}"}`,
    ]) {
      expect(mask(text)).not.toContain('hunter2')
    }
    expect(mask(`a=1&to=${encoded}&z=2`)).toMatch(/^a=1&to=.*&z=2$/)
  })

  it.each([1, 2, 3, 4])('of %i levels does not end a value early', levels => {
    let text = `https://h/cb?password=${encodeURIComponent('a "b" & hunter2; c=hunter2')}&y=1`
    for (let level = 0; level < levels; level++) text = `https://h/?to=${encodeURIComponent(text)}&z=${level}`
    expect(mask(text)).not.toContain('hunter2')
    expect(mask(text)).toMatch(/&z=\d$/)
  })

  it.each([
    'redirect=%2Fcb%3Fpassword%3Dhunter2%',
    'redirect=%2Fcb%3Fpassword%3Dhunter2%zz',
    'redirect=caf%E9%26password%3Dhunter2',
    'redirect=%FF%FEpassword%3dhunter2',
    'redirect=%FF%3Fcontrase%C3%B1a%3dhunter2%E2%82',
    'redirect=%ED%A0%80%C0%80%F4%90%80%80%F0%9F%98%80&contrase%C3%B1a=hunter2',
    'redirect=%2Fcb%253Fpassword%25253Dhunter2',
    'q=%7B%22password%22%3A+%22hunter2%22%7D',
    "q=%7B'password'%3A%20'hunter2'%7D",
    'q=%20\ud800password%3Dhunter2',
    'next%3Fpassword%3Dhunter2',
    '%70%61%73%73%77%6f%72%64=hunter2',
  ])('that is mixed or not valid hides nothing: %j', text => {
    expect(mask(text)).not.toContain('hunter2')
  })

  it('stays as it was where nothing had to go', () => {
    for (const text of ['a=%2Fcb%3Fx%3D1', '%', 'a=%zz', 'a=caf%E9', '/a%2520b', 'a=%7B%22b%22%3A1%7D']) {
      expect(mask(text)).toBe(text)
    }
  })
})

describe('JSON in a text', () => {
  it.each([
    ['{"password":"hunter2"}', '{"password":"[MASKED]"}'],
    ['{ "password" : "hunter2" , "a" : 1 }', '{ "password" : "[MASKED]" , "a" : 1 }'],
    ['{"password"\n\t:\r\n        "hunter2"}', '{"password"\n\t:\r\n        "[MASKED]"}'],
    ['{"password":"hun\\"ter2","a":1}', '{"password":"[MASKED]","a":1}'],
    ['{"password":"hunter2\\\\","a":1}', '{"password":"[MASKED]","a":1}'],
    ['{"pin":1234,"a":1}', '{"pin":"[MASKED]","a":1}'],
    ['{"pin":-1.5e9}', '{"pin":"[MASKED]"}'],
    ['{"otp":null,"cvv":true}', '{"otp":null,"cvv":true}'],
    ['{"password":"","a":1}', '{"password":"","a":1}'],
    ['{"credentials":{"a":"}","b":[{"c":"\\"]"}]},"order":5}', '{"credentials":"[MASKED]","order":5}'],
    ['{"secret":[1,"]",{"a":2}],"order":5}', '{"secret":"[MASKED]","order":5}'],
    ['{"secret":{},"token":[1],"pin":[ ]}', '{"secret":"[MASKED]","token":"[MASKED]","pin":[ ]}'],
    ['{"a":{"password":"x"},"b":[{"token":"y"}]}', '{"a":{"password":"[MASKED]"},"b":[{"token":"[MASKED]"}]}'],
    ['{"password":"a","password":"b"}', '{"password":"[MASKED]","password":"[MASKED]"}'],
    ['[{"password":"a"},{"password":"b"}]', '[{"password":"[MASKED]"},{"password":"[MASKED]"}]'],
    ['{"password":"a"}\n{"password":"b"}\n', '{"password":"[MASKED]"}\n{"password":"[MASKED]"}\n'],
    ['body: {"password":"a"} was refused', 'body: {"password":"[MASKED]"} was refused'],
    ['{"id":12345678901234567890,"pin":1}', '{"id":12345678901234567890,"pin":"[MASKED]"}'],
    [String.raw`{"p\u0061ssword":"x"}`, String.raw`{"p\u0061ssword":"[MASKED]"}`],
    [String.raw`{"u":"?a=1\u0026token\u003dabc"}`, String.raw`{"u":"?a=1\u0026token\u003d[MASKED]"}`],
    [String.raw`{"u":"\u0042earer abc"}`, String.raw`{"u":"\u0042earer [MASKED]"}`],
    [String.raw`{"a":"{\"password\":\"hunter2\",\"b\":1}"}`, String.raw`{"a":"{\"password\":\"[MASKED]\",\"b\":1}"}`],
    [String.raw`{"a":"{\"pin\": 12, \"b\":1}"}`, String.raw`{"a":"{\"pin\": \"[MASKED]\", \"b\":1}"}`],
    [String.raw`{"a":"{\n  \"password\" :\n  \"x\"\n}"}`, String.raw`{"a":"{\n  \"password\" :\n  \"[MASKED]\"\n}"}`],
    [String.raw`{"a":"{\"token\":{\"b\":\"}\"},\"c\":1}"}`, String.raw`{"a":"{\"token\":\"[MASKED]\",\"c\":1}"}`],
    [
      String.raw`{"a":"{\"password\":\"hun\\\"ter2\",\"b\":1}"}`,
      String.raw`{"a":"{\"password\":\"[MASKED]\",\"b\":1}"}`,
    ],
    [
      String.raw`{"a":"say \u0022hi\u0022 \u005c","pin":1}`,
      String.raw`{"a":"say \u0022hi\u0022 \u005c","pin":"[MASKED]"}`,
    ],
    [
      String.raw`{"a":"{\u0022pin\u0022:\u0022x\u0022,\u0022b\u0022:1}"}`,
      String.raw`{"a":"{\u0022pin\u0022:\u0022[MASKED]\u0022,\u0022b\u0022:1}"}`,
    ],
    [
      String.raw`{"a":"{\"b\":\"{\\u0022pin\\u0022:1}\"}"}`,
      String.raw`{"a":"{\"b\":\"{\\u0022pin\\u0022:\\u0022[MASKED]\\u0022}\"}"}`,
    ],
    [String.raw`{"a":"{\"password\":\"hun","b":"x"}`, String.raw`{"a":"{\"password\":\"[MASKED]\"","b":"x"}`],
    [String.raw`{"a":"{\"token\":{\"c\":1","b":"x"}`, String.raw`{"a":"{\"token\":\"[MASKED]\"","b":"x"}`],
    [String.raw`{"a":"{\"pin\": 12","b":"x"}`, String.raw`{"a":"{\"pin\": \"[MASKED]\"","b":"x"}`],
    ["{'password': 'hunter2', 'a': None}", "{'password': '[MASKED]', 'a': None}"],
    ["{ email: 'a', password: 'hunter2' }", "{ email: 'a', password: '[MASKED]' }"],
    ['{"password"=>"hunter2", "a"=>1}', '{"password"=>"[MASKED]", "a"=>1}'],
    ['mutation { login(password: "hunter2", name: "a") }', 'mutation { login(password: "[MASKED]", name: "a") }'],
    ['{"url":"https://h/?token=abc","b":1', '{"url":"https://h/?token=[MASKED]","b":1'],
    ['{"https://h/?token=abc":1', '{"https://h/?token=[MASKED]":1'],
    ['{"a":1}', '{"a":1}'],
    [String.raw`{"a":"C:\\dir\/x","b":"é\u00e9\u0022"}`, String.raw`{"a":"C:\\dir\/x","b":"é\u00e9\u0022"}`],
  ])('%s', (text, expected) => {
    expect(mask(text)).toBe(expected)
  })

  it.each([1, 2, 3, 4, 5, 6])('nested %i levels deep in strings stays JSON', levels => {
    const value = { password: 'hun"ter\\2', kept: 'a "quoted" \\ text', secret: { a: ['}"'] }, pin: 7 }
    let text = JSON.stringify(value, null, 1)
    for (let level = 0; level < levels; level++) text = JSON.stringify({ body: text, after: level })
    let masked: unknown = mask(text)
    for (let level = 0; level < levels; level++) {
      const parsed: { body: unknown; after: number } = JSON.parse(String(masked))
      expect(parsed.after).toBe(levels - level - 1)
      masked = parsed.body
    }
    expect(JSON.parse(String(masked))).toEqual({ password: MASKED, kept: value.kept, secret: MASKED, pin: MASKED })
  })
})

describe('JSON in base64', () => {
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64')
  const secret = { id: 1, user: { password: 'hunter2' }, name: 'é😀?>' }

  it.each(['base64', 'base64url'] as const)('that holds a secret is masked whole: %s', encoding => {
    const run = Buffer.from(JSON.stringify(secret)).toString(encoding)
    expect(mask(run).replaceAll('=', '')).toBe(MASKED)
    expect(mask(`state ${run} came`).replaceAll('=', '')).toBe(`state ${MASKED} came`)
    expect(mask(`https://h/?state=${encodeURIComponent(run)}&b=1`)).toMatch(/state=\[MASKED\](=|%3D)*&b=1$/)
    expect(mask(JSON.stringify({ state: run }))).toContain('"state":"[MASKED]')
    let encoded = run
    for (let level = 0; level < 5; level++) {
      encoded = encodeURIComponent(encoded)
      expect(mask(`https://h/?state=${encoded}&b=1`)).toMatch(/state=\[MASKED\](=|%(25)*3D)*&b=1$/)
    }
    for (let cut = 0; cut < run.length; cut++) {
      const left = mask(run.slice(0, cut))
      expect(Buffer.from(left, 'base64').toString('latin1')).not.toContain('hunt')
    }
  })

  it('in base64 again is masked too', () => {
    expect(mask(encode({ inner: encode({ token: 'hunter2hunter2' }) })).replaceAll('=', '')).toBe(MASKED)
  })

  it('without a secret stays as it is', () => {
    for (const value of [{ id: 10, after: 'x' }, { next: encode({ page: 2 }) }])
      expect(mask(encode(value))).toBe(encode(value))
    for (const text of ['eyJ', 'eyJabcdefg', 'eyJ-_-_-_-_-_', 'heyJude says eyJoe is']) expect(mask(text)).toBe(text)
  })
})

describe('XML', () => {
  it.each([
    ['<password>hunter2</password>', '<password>[MASKED]</password>'],
    ['<u><Password>a</Password><name>b</name></u>', '<u><Password>[MASKED]</Password><name>b</name></u>'],
    ['<wsse:Password Type="x">hunter2</wsse:Password>', '<wsse:Password Type="x">[MASKED]</wsse:Password>'],
    ['<secret><![CDATA[hunter2]]></secret>', '<secret>[MASKED]</secret>'],
    ['<token>abc', '<token>[MASKED]'],
    ['<user password="hunter2" name="a"/>', '<user password="[MASKED]" name="a"/>'],
    ['<password hint="x" token="abc">hunter2</password>', '<password hint="x" token="[MASKED]">[MASKED]</password>'],
  ])('%s', (text, expected) => {
    expect(mask(text)).toBe(expected)
  })
})

describe('at no cut', () => {
  const secret = 'hunTer2+S3cretValue'
  const documents: [string, string][] = [
    ['JSON', JSON.stringify({ a: 1, password: secret, b: [secret.length] })],
    ['indented JSON', JSON.stringify({ a: 1, user: { password: secret } }, null, 4)],
    ['JSON with an object', JSON.stringify({ a: 1, credentials: { list: ['x', secret], b: secret }, c: 1 })],
    ['JSON with a list', JSON.stringify({ tokens_used: 1, secret: [[secret], secret], c: 1 })],
    ['JSON in JSON', JSON.stringify({ body: JSON.stringify({ a: '"', password: secret, b: 1 }) })],
    [
      'JSON three deep',
      JSON.stringify({ a: JSON.stringify({ b: JSON.stringify({ c: { session: { id: secret } } }) }) }),
    ],
    ['escaped names', `{"p\\u0061ssword":"${secret}"}`],
    ['a form in JSON', JSON.stringify({ body: `a=1&password=${secret}&b=2` })],
    ['Go’s JSON', `{"u":"https://h/?a=1\\u0026token=${secret}\\u0026b=2"}`],
    ['.NET’s JSON', `{"a":"{\\u0022b\\u0022:1,\\u0022password\\u0022:\\u0022${secret}\\u0022}"}`],
    ['Gson’s JSON', `{"u":"https://h/?token\\u003d${secret}"}`],
    ['PHP’s JSON', `{"u":"https:\\/\\/user:${secret}@h\\/"}`],
    ['a key', JSON.stringify({ [`/cb?token=${secret}`]: 1 })],
    ['a bearer token', JSON.stringify({ log: `Authorization: Bearer ${secret}` })],
    ['userinfo', JSON.stringify({ db: `postgres://user:${secret}@db:5432/x` })],
    ['a form', `a=1&password=${secret}&b=2`],
    ['an encoded form', `a=1&password=${encodeURIComponent(secret)}&b=2`],
    ['a URL in a URL', `https://h/?to=${encodeURIComponent(`https://h/?password=${secret}&x=1`)}`],
    ['JSON in a query', `https://h/?q=${encodeURIComponent(JSON.stringify({ a: 1, password: secret }))}&z=1`],
    ['a quoted connection string', `Server=db;Password="${secret};x";User=sa`],
    ['XML', `<a><password>${secret}</password></a>`],
    ['GraphQL in JSON', JSON.stringify({ query: `mutation { login(password: "${secret}") }` })],
    ['a private key', JSON.stringify({ a: `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----` })],
  ]

  it.each(documents)('of %s does the secret survive, nor a part of it', (_, document) => {
    for (let end = 0; end <= document.length; end++) {
      const masked = mask(document.slice(0, end))
      for (const part of [secret.slice(0, 6), encodeURIComponent(secret).slice(0, 12)])
        expect(masked).not.toContain(part)
    }
  })

  it('of a token does more than its beginning survive', () => {
    for (const token of [jwt, jwe]) {
      const payload = token.split('.')[1]?.slice(0, 8) ?? ''
      for (let end = 0; end <= token.length; end++) expect(mask(`a ${token.slice(0, end)}`)).not.toContain(payload)
    }
  })
})

/** Texts made of what matters here, in any order. */
const shards = fc.constantFrom(
  ...[
    '"',
    "'",
    '\\',
    '\\"',
    '\\\\"',
    ':',
    '=',
    '=>',
    '&',
    ';',
    '#',
    '?',
    '/',
    '//',
    '://',
    '@',
    '<',
    '>',
    '</',
    '{',
    '}',
  ],
  ...[
    '[',
    ']',
    ',',
    ' ',
    '\n',
    '\\n',
    '%',
    '%22',
    '%3D',
    '%253D',
    '%2',
    '+',
    '.',
    '-',
    '_',
    'password',
    'pin',
    'a',
    'x1',
  ],
  ...[
    'Bearer ',
    'Basic ',
    'Basic%20',
    'dXNlcjpwYXNz',
    'eyJhbGciOiJ9',
    'sk_live_',
    'abcd1234',
    MASKED,
    '\\u0026',
    '\\/',
  ],
  ...[
    '-----BEGIN PRIVATE KEY-----',
    '-----END PRIVATE KEY-----',
    'é',
    '\ud800',
    '😀',
    'token',
    'eyJwaW4iOjF9',
    'eyJhIjoxfQ==',
    '<password>',
    'secret=',
  ],
)
const anyText = fc.oneof(
  fc.array(shards, { maxLength: 24 }).map(parts => parts.join('')),
  fc.string({ unit: 'binary' }),
)

describe('any text', () => {
  it('masked twice is the same as masked once', () => {
    fc.assert(
      fc.property(anyText, text => {
        const masked = mask(text)
        expect(mask(masked)).toBe(masked)
      }),
      runs(20_000),
    )
  })

  it('stays as it is where no sign of a name or a secret is in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'abcXYZ019 ,.:/()@!?\n\t😀é') }), text => {
        expect(mask(text)).toBe(text)
      }),
      runs(),
    )
  })
})

describe('takes no more than linear time', () => {
  it.each<(n: number) => string>([
    n => `"${'\\\\'.repeat(n / 2)}x": 1`,
    n => `"${'\\\\'.repeat(n / 2)}": 1`,
    n => `password="${'\\\\'.repeat(n / 2)}x`,
    n => `pin=1 \\${'u005c'.repeat(n / 5)}`,
    n => `pin=1 ${'\\'.repeat(n)}u0022 pin=1`,
    n => `password=${'a;'.repeat(n / 2)}`,
    n => `password=${'; '.repeat(n / 2)}`,
    n => `"password"${' '.repeat(n)}x`,
    n => `"password":${' '.repeat(n)}x`,
    n => `password${' '.repeat(n)}: "x`,
    n => `<password ${'a '.repeat(n / 2)}>x`,
    n => `<${'a:'.repeat(n / 2)}>x`,
    n => `:${'a'.repeat(n)}=`,
    n => `"${':'.repeat(n)}`,
    n => `"${'a:'.repeat(n / 2)}"`,
    n => `://${'a:'.repeat(n / 2)}`,
    n => `://${'@'.repeat(n)}`,
    n => `Bearer${' '.repeat(n)}`,
    n => `bearer ${'a'.repeat(n)}`,
    n => `sk-${'a-'.repeat(n / 2)}`,
    n => `eyJ${'a'.repeat(n)}`,
    n => `eyJaaaaaa${'.'.repeat(n)}`,
    n => `-----BEGIN PRIVATE KEY${'-----END A'.repeat(n / 10)}`,
    n => Buffer.from(`{"a":"${'eyJhIj'.repeat(n / 8)}"}`).toString('base64'),
    n => `${'a'.repeat(n / 2)} password=a${"')".repeat(n / 4)}`,
    n => `${'a'.repeat(n / 2)} ${"password=a') ".repeat(n / 26)}`,
  ])('for %s', write => {
    expectLinearTime(write, mask)
  })

  it.each(TEXT_PIECES)('for many of %j', piece => {
    const repeat = (characters: number) => piece.repeat(characters / piece.length)
    for (const [before, after] of [
      ['', ''],
      ['password="', ''],
      ['"password":{', ''],
      ['{"a":"', '" x'],
    ]) {
      expectLinearTime(characters => `${before}${repeat(characters)}${after}`, mask)
    }
  })

  it('for 5 MB of text, which stays as it is', () => {
    const text = 'The quick brown fox, "jumps" over: the <b>lazy</b> dog? Yes=1 & 100 % \\o/ '.repeat(70_000)
    expect(mask(text)).toBe(text)
    expect(mask(`{"password":"${'a'.repeat(5_000_000)}"}`)).toBe('{"password":"[MASKED]"}')
  })
})
