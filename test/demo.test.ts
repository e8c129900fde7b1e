import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { findLeaks } from '../scripts/demo/secrets.ts'
import { runCommand } from './inbox/running-command.ts'
import { createTemporaryFolder } from './inbox/temporary-folder.ts'

const DEMO = fileURLToPath(new URL('../scripts/demo.mjs', import.meta.url))

const TIMEOUT_MS = 120_000

/** The demo without a terminal, over the `dist/` that there is. */
async function runDemo(args: readonly string[] = [], nodeArgs: readonly string[] = []) {
  const running = runCommand(DEMO, ['--no-build', ...args], nodeArgs)
  const { code } = await running.exit()
  return { code, stdout: running.stdout(), stderr: running.stderr() }
}

async function takePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => {
    server.close()
  })
  await once(server, 'listening')
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

describe('npm run demo', { timeout: TIMEOUT_MS }, () => {
  it('shows every event, finds no secret, ends with 0 and leaves no folder', async () => {
    const folder = createTemporaryFolder()
    vi.stubEnv('TMPDIR', folder)
    onTestFinished(() => {
      vi.unstubAllEnvs()
    })
    const { code, stdout, stderr } = await runDemo()
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('✓ 7 of 7 events arrived\n')
    expect(stdout).toContain('✓ 0 of 10 planted secrets found in the store\n')
    expect(stdout).toMatch(/^ {2}TIME +TYPE +METHOD +ENDPOINT +STATUS +DURATION +ERROR +ID$/m)
    expect(stdout).toMatch(/ api +POST +\/orders +201 success +\d+ ms +[\da-f]{8}$/m)
    expect(stdout).toMatch(/ api +POST +\/orders +422 warning /)
    expect(stdout).toMatch(/ api +POST +\/orders +500 failed +\d+ ms +TypeError: Cannot read /)
    expect(stdout).toMatch(/^ {4}TypeError: Cannot read properties of undefined/m)
    expect(stdout).toMatch(/ api +POST +\/login +200 success /)
    expect(stdout).toMatch(/ api +GET +\/stream +200 success /)
    expect(stdout).toMatch(/ queue +shop-parcels +success /)
    expect(stdout).toMatch(/^ +commit +[\da-f-]{36}$/m)
    expect(stdout).toMatch(/ cron +0 3 \* \* \* +success /)
    expect(stdout).toContain(`[payment] Charging card  {"amount":189,"cardNumber":"[MASKED]"}\n`)
    expect(stdout).toMatch(/^ {2}Inbox {3}http:\/\/127\.0\.0\.1:\d+$/m)
    expect(stdout).toMatch(
      /^ {2}npx replaystack test [\da-f]{8} --app examples\/shop\/src\/index\.ts --out examples\/shop\/order\.test\.ts \\$/m,
    )
    expect(stdout).not.toContain('\u001b')
    expect(readdirSync(folder)).toEqual([])
  })

  it('ends with 1 when a secret is in the store, and says which and where', async () => {
    const { code, stdout } = await runDemo(['--plant', 'written-in-the-open'])
    expect(code).toBe(1)
    expect(stdout).toContain('✓ 7 of 7 events arrived\n')
    expect(stdout).toContain('✗ 1 of 11 planted secrets found in the store\n')
    expect(stdout).toContain('the text of --plant is in events.db-wal\n')
    expect(stdout).toContain('the text of --plant is in the event of /orders\n')
  })

  it.each(['inbox', 'Worker'])('says in one line that the port of the %s is in use', async what => {
    const port = await takePort()
    const { code, stderr } = await runDemo([`--${what.toLowerCase()}-port`, String(port)])
    expect(code).toBe(1)
    expect(stderr).toBe(`demo: The ${what} did not start: Port ${port} is already in use\n`)
  })

  it('says in one line that Node is too old to run TypeScript', async () => {
    // What an old Node is like, as far as the demo looks.
    const { code, stdout, stderr } = await runDemo([], ['--no-experimental-strip-types'])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^demo: Node 22\.18 or newer is needed, .*; this is Node \d+\.\d+\.\d+\n$/)
  })

  it('says in one line which option is wrong', async () => {
    const { code, stderr } = await runDemo(['--inbox-port', 'any'])
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'demo: --inbox-port must be a number from 0 to 65535, got any\n',
    })
  })
})

describe('findLeaks', () => {
  const secret = { what: "the login's password", value: 'correct-horse-1' }

  it('finds a secret in any case, once for each place', () => {
    const texts = [
      { place: 'file', text: 'control CORRECT-HORSE-1 correct-horse-1' },
      { place: 'event', text: 'correct-horse-2' },
    ]
    expect(findLeaks([secret], texts, 'control')).toEqual([{ secret, place: 'file' }])
  })

  it('refuses to search texts that are not what they should be', () => {
    expect(() => findLeaks([secret], [{ place: 'file', text: '' }], 'control')).toThrow('could not be searched')
  })
})
