import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { curlCommand } from '../../src/inbox/curl.ts'
import type { ReplayStackEvent } from '../../src/types.ts'
import { runs } from '../support/fuzz.ts'
import { createSampleEvent } from './sample-event.ts'
import { createTemporaryFolder } from './temporary-folder.ts'

const run = promisify(execFile)

/** Prints each argument and then the input, if it is asked for, in hexadecimal: bytes pass through as they are. */
const FAKE_CURL = `curl() {
  for argument in "$@"; do printf '%s' "$argument" | od -An -v -tx1 | tr -d ' \\n'; echo; done
  case "$*" in *' --data-binary @-') od -An -v -tx1 | tr -d ' \\n'; echo ;; esac
}
`

/** What a POSIX shell makes of the command: curl's arguments, byte for byte, and its input after them. */
async function readArguments(command: string, env: Record<string, string> = {}): Promise<Buffer[]> {
  const file = join(createTemporaryFolder(), 'command.sh')
  writeFileSync(file, `${FAKE_CURL}${command}\n`)
  const { stdout } = await run('sh', [file], { env: { PATH: process.env['PATH'] ?? '', ...env } })
  return stdout
    .split('\n')
    .slice(0, -1)
    .map(line => Buffer.from(line, 'hex'))
}

function command(fields: Partial<ReplayStackEvent>): string {
  const event = createSampleEvent({ requestUrl: 'https://api.example.com/orders', requestHeaders: {}, ...fields })
  const text = curlCommand(event)
  if (text === undefined) throw new Error('No command')
  return text
}

describe('a command', () => {
  it('reads as one would write it', () => {
    expect(command({ method: 'GET' })).toBe("curl 'https://api.example.com/orders'")
    expect(
      command({
        requestUrl: 'https://api.example.com/orders?token=[MASKED]&a=1',
        requestHeaders: { 'content-type': 'application/json', authorization: '[MASKED]' },
        requestPayload: { item: "it's", pin: '[MASKED]' },
      }),
    ).toBe(
      `curl "https://api.example.com/orders?token=$QUERY_TOKEN&a=1" -X POST -H 'content-type: application/json'` +
        ` -H "authorization: $AUTHORIZATION" --data-raw '{"item":"it'\\''s","pin":"'"$BODY_PIN"'"}'`,
    )
  })

  it('is none where the event cannot be replayed', () => {
    expect(curlCommand(createSampleEvent({ eventType: 'cron' }))).toBeUndefined()
  })

  it('asks for HEAD as curl wants it, and keeps brackets and dots', async () => {
    const text = command({ method: 'HEAD', requestUrl: 'https://h/a/../b?c[]={1}' })
    expect((await readArguments(text)).map(String)).toEqual([
      'https://h/a/../b?c[]={1}',
      '--head',
      '--globoff',
      '--path-as-is',
    ])
  })

  it('goes to this machine where the URL was not captured, or is none', () => {
    const event = createSampleEvent({ method: 'GET', requestHeaders: {} })
    expect(curlCommand(event)).toBe("curl 'http://127.0.0.1:8787/orders'")
    expect(curlCommand({ ...event, requestUrl: "https://a b'$(x)/orders" })).toBe("curl 'http://127.0.0.1:8787/orders'")
  })

  it('gives a variable no name that a shell or Node reads', () => {
    const text = command({
      method: 'GET',
      requestHeaders: { path: '[MASKED]', 'node-options': '[MASKED]', '1': '[MASKED]' },
    })
    expect(text).toContain('$VALUE_PATH"')
    expect(text).toContain('$VALUE_NODE_OPTIONS"')
    expect(text).toContain('$VALUE_1"')
  })

  it('takes a variable’s value as it is, in a body that is printed too', async () => {
    const env = { BODY_PIN: `a\\n'"$(x)` }
    const requestHeaders = { 'content-type': 'text/plain' }
    for (const [payload, expected] of [
      ['pin=[MASKED]', `pin=a\\n'"$(x)`],
      ['one\npin=[MASKED]\\', `one\npin=a\\n'"$(x)\\`],
    ] as const) {
      const args = await readArguments(command({ requestHeaders, requestPayload: payload }), { BODY: env.BODY_PIN })
      expect(args.at(-1)?.toString()).toBe(expected)
    }
  })
})

/** What hostile content is made of. */
const pieces = fc.oneof(
  fc.constantFrom(
    "'",
    '"',
    '\\',
    '$',
    '`',
    '$(touch x)',
    '{X}',
    '!',
    '%b',
    '%',
    '\\0',
    '\\c',
    '--',
    '@',
    ';',
    '|',
    ' ',
  ),
  fc.constantFrom(
    '\u001b[2J',
    '\u202e',
    '\u2028',
    '\u0000',
    '\n',
    '\t',
    '\r',
    '\u007f',
    '\u009b',
    'é',
    '日',
    '😀',
    '\ufeff',
  ),
  fc.string({ maxLength: 5 }),
)
const text = fc.array(pieces, { maxLength: 12 }).map(parts => parts.join('').replace(/\p{Cs}/gu, ''))
const headerValue = text.map(value => value.replace(/[^\t\x20-\x7e\x80-\xff]/g, '').trim())

describe('any header and body', () => {
  it('reach curl byte for byte, and leave nothing that moves a cursor in the command', async () => {
    await fc.assert(
      fc.asyncProperty(text, headerValue, async (body, value) => {
        fc.pre(!body.includes('[MASKED]') && body !== '')
        const line = command({
          requestHeaders: { 'content-type': 'text/plain', 'x-value': value },
          requestPayload: body,
        })
        expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
        const args = await readArguments(line)
        const header = value === '' ? 'x-value;' : `x-value: ${value}`
        expect(args.slice(0, 7).map(argument => argument.toString('latin1'))).toEqual([
          'https://api.example.com/orders',
          '-X',
          'POST',
          '-H',
          'content-type: text/plain',
          '-H',
          header,
        ])
        expect(['--data-raw', '--data-binary']).toContain(String(args[7]))
        expect(args.at(-1)?.toString()).toBe(body)
      }),
      runs(60),
    )
  })

  it('of half a megabyte fit a command line', async () => {
    const requestPayload = 'x'.repeat(500_000)
    const args = await readArguments(command({ requestHeaders: { 'content-type': 'text/plain' }, requestPayload }))
    expect(args.at(-1)?.toString()).toBe(requestPayload)
  })
})
