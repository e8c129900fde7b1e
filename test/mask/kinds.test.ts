/** Kinds of texts that carry a secret, each with a made-up one, and what looks like them and carries none. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { lookFor } from '../../src/mask/look.ts'
import { compileMaskNames } from '../../src/mask/names.ts'
import { maskText } from '../../src/mask/text.ts'

const names = compileMaskNames()
const mask = (text: string): string => maskText(text, names)
const SECRET = 'Qm7xTz2kWp9v'
const base64 = (text: string): string => Buffer.from(text).toString('base64')

describe('a secret goes from', () => {
  it.each([
    ['a line', `password: ${SECRET}`],
    ['a line without a space', `api_key:${SECRET}`],
    ['YAML', `user: ada\ndb:\n  password: ${SECRET}\n  port: 5432\n`],
    ['YAML of letters', 'user: ada\npassword: qwertyzxcvbn\n'],
    ['.env', `PORT=80\nDB_PASS=${SECRET}\nDEBUG=1`],
    ['.ini', `[db]\npassword = ${SECRET}\n`],
    ['headers', `GET / HTTP/1.1\r\nHost: h\r\nX-Api-Key: ${SECRET}\r\n\r\n`],
    ['an authorization', `Authorization: Token ${SECRET}`],
    ['cookies', `Cookie: theme=dark; auth_v2=${SECRET}; lang=en`],
    ['curl', `curl -H 'X-Auth-Token: ${SECRET}' https://h/`],
    ['curl -u', `curl -u ada:${SECRET} https://h/`],
    ['mysql', `$ mysql -h db -u root -p${SECRET} shop`],
    ['mongodump', `mongodump --host db -p '${SECRET}'`],
    ['redis-cli', `redis-cli -p 6379 -a ${SECRET} ping`],
    ['sshpass', `sshpass -p ${SECRET} ssh ada@h`],
    ['Redis', `> AUTH ${SECRET}\n+OK`],
    ['Redis of letters', 'AUTH qwertyzxcvbn'],
    ['Redis of a user', `AUTH default ${SECRET}`],
    ['Redis MONITOR', `1339518083.107412 [0 127.0.0.1:60866] "AUTH" "${SECRET}"`],
    ['an option', `mysql --password ${SECRET} -h db`],
    ['SQL', `UPDATE users SET password = '${SECRET}' WHERE id = 1`],
    ['SQL of users', `ALTER USER ada PASSWORD '${SECRET}'`],
    ['Rust', `Config { token: Some("${SECRET}"), port: 80 }`],
    ['inspect', `{ name: 'a', password: '${SECRET}', list: [ 1 ] }`],
    ['an inspected Map', `Map(1) { 'token' => '${SECRET}' }`],
    ['rawHeaders', `rawHeaders: [ 'Host', 'h', 'x-api-key', '${SECRET}' ]`],
    ['PostgreSQL', `duplicate key value. Key (tenant, reset_token)=(1, ${SECRET}) already exists.`],
    ['MySQL', `Duplicate entry '${SECRET}' for key 'users.reset_token_unique'`],
    ['GraphQL', `mutation { login(password: "${SECRET}") { id } }`],
    ['a GraphQL block', `mutation { login(password: """${SECRET}""") { id } }`],
    ['a GraphQL list', `mutation { x(secrets: ["${SECRET}", "b"]) { id } }`],
    ['HTML-escaped JSON', `<div data-x="{&quot;password&quot;:&quot;${SECRET}&quot;}">`],
    ['numbered references', `{&#34;password&#34;:&#34;${SECRET}&#34;}`],
    ['OAuth', `https://h/cb?code=${SECRET}&state=x`],
    ['an OAuth form', `grant_type=authorization_code&code=${SECRET}`],
    ['userinfo with an apostrophe', `postgres://app:it's${SECRET}@db:5432/x`],
    ['userinfo with a slash', `postgres://app:a/b${SECRET}@db:5432/x`],
    ['userinfo with a hash', `redis://:a#b${SECRET}@cache:6379`],
    ['userinfo of a cut text', `connect postgres://admin:${SECRET}`],
    ['a param', `<param name="password" value="${SECRET}"/>`],
    ['an input, the other way round', `<input value="${SECRET}" name="user[password]">`],
    ['a password input', `<input type="password" value="${SECRET}">`],
    ['meta', `<meta name="csrf-token" content="${SECRET}">`],
    ['a named element', `<field name="api_key">${SECRET}</field>`],
    ['base64 of indented JSON', base64(JSON.stringify({ password: SECRET }, null, 2))],
    ['base64 of a list', base64(JSON.stringify([{ token: SECRET }]))],
    ['base64 of a form', base64(`a=1&password=${SECRET}`)],
    ['base64 of a user and password', base64(`ada:${SECRET}`)],
    ['base64 in base64', base64(JSON.stringify({ a: base64(`password=${SECRET}`) }))],
  ])('%s', (_, text) => {
    const masked = mask(text)
    expect(masked).toContain('[MASKED]')
    for (const secret of [SECRET, base64(`${SECRET}`), 'qwertyzxcvbn']) expect(masked).not.toContain(secret)
    expect(lookFor(JSON.stringify({ a: text }), names)(0)).toBeLessThan(Number.POSITIVE_INFINITY)
    expect(mask(masked)).toBe(masked)
  })
})

describe('nothing goes from', () => {
  it.each([
    'Missing Bearer token.',
    'AUTH failed',
    'NOAUTH Authentication required.',
    'redis-cli -p 6379 ping',
    'docker run -p 8080:80 app',
    'mkdir -p a/b2; ls -a dir1',
    'tokens=[]&passwords: []',
    '{"tokens":[],"password":[ ]}',
    'Use the Bearer scheme.',
    'set bearer token-based auth',
    'basic read/write access',
    'a basic MacBook and a basic C++11 course',
    'Map<Token> has no key 5 for order 17',
    "Type 'Promise<Session>' is not assignable\n    at check (/app/a.ts:1:2)\n    at main (/app/b.ts:3:4)",
    'usage: login <token> [--scope <secret>]',
    'docker://nginx:latest',
    'Unexpected token \'<\', "<!DOCTYPE "... is not valid JSON',
    'Invalid token: expected a string',
    'session: expired',
    'token: string | undefined',
    'const token = read()',
    'password: z.string().min(8)',
    'scopes: token:read session:write',
    '{"password":null,"token":"","secret":false}',
    'password=&token=',
    'at Session.read (/app/session.ts:10:15)',
    'cursor=YXJyYXljb25uZWN0aW9uOjEwMA==&first=10',
    'Das Passwort ist falsch: bitte erneut versuchen',
    'パスワード: 間違っています。 La contraseña es incorrecta: inténtelo de nuevo.',
    'https://example.com/a/b?page=2&sort=name&order=desc#top',
    '2026-01-02T03:04:05.678Z f4b1d4e3-0000-4000-8000-0123456789ab 9f86d081884c7d659a2feaa0c55ad015',
  ])('%s', text => {
    expect(mask(text)).toBe(text)
  })

  it('the backslashes beside a secret', () => {
    expect(mask(String.raw`^\/api\/v1 password=hunter2`)).toBe(String.raw`^\/api\/v1 password=[MASKED]`)
    expect(mask(String.raw`C:\\dir\\u0041 password=hunter2`)).toBe(String.raw`C:\\dir\\u0041 password=[MASKED]`)
  })

  it('more than one line in two hundred of this repository’s own sources', () => {
    let lines = 0
    let changed = 0
    for (const folder of ['event', 'delivery', 'observe', 'body']) {
      for (const file of readdirSync(new URL(`../../src/${folder}/`, import.meta.url))) {
        for (const line of readFileSync(new URL(`../../src/${folder}/${file}`, import.meta.url), 'utf8').split('\n')) {
          lines++
          if (mask(line) !== line) changed++
        }
      }
    }
    expect(lines).toBeGreaterThan(1000)
    expect(changed / lines).toBeLessThan(1 / 200)
  })
})
