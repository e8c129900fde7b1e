/** The failed order of the shop, kept as a test in a copy of the shop, and run by vitest before and after the copy is repaired. */
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { EXAMPLE, fileOf } from './demo/places.ts'

const run = promisify(execFile)

/** With these replacements the shop responds 402 to a declined card. */
const REPAIR = [
  ['src/payment.ts', '  receipt: { url: string }', '  receipt?: { url: string }'],
  ['src/payment.ts', 'recorder: Recorder): Promise<string>', 'recorder: Recorder): Promise<string | undefined>'],
  ['src/payment.ts', 'readReceipt(charge: Charge): string', 'readReceipt(charge: Charge): string | undefined'],
  ['src/payment.ts', 'charge.receipt.url', 'charge.receipt?.url'],
  [
    'src/app.ts',
    '  const parcel =',
    `  if (receipt === undefined) return c.json({ error: 'The card was declined' }, 402)\n  const parcel =`,
  ],
] as const

/** What a terminal shows of a command, with its colours as escape sequences. */
export interface Shown {
  command: string
  output: string
}

/** @returns what the test prints once the shop is repaired; rejects where it passes before, or fails then */
export async function runKeptTest(id: string, inbox: string, parent: string): Promise<Shown> {
  const folder = join(parent, 'shop')
  cpSync(fileOf(EXAMPLE), folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "name": "shop", "private": true, "type": "module" }')
  for (const [name, target] of [
    ['@replaystack/edge', '.'],
    ['hono', 'node_modules/hono'],
    ['vitest', 'node_modules/vitest'],
  ] as const) {
    const link = join(folder, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(fileOf(target), link, 'junction')
  }
  const options = { cwd: folder, env: { ...process.env, FORCE_COLOR: '1', BODY_CARDNUMBER: 'any' } }
  const vitest = [fileOf('node_modules/vitest/vitest.mjs'), 'run', 'order.test.ts']
  const keep = ['test', id, '--app', 'src/index.ts', '--out', 'order.test.ts', '--expect', '402', '--inbox', inbox]
  await run(process.execPath, [fileOf('dist/inbox/cli.js'), ...keep], options)
  const broken = await run(process.execPath, vitest, options).catch((error: { stderr: string }) => error)
  if (!broken.stderr.includes('expected 500 to be 402')) throw new Error(`The shop is not broken: ${broken.stderr}`)
  for (const [file, wrong, right] of REPAIR) {
    const path = join(folder, file)
    const code = readFileSync(path, 'utf8')
    if (!code.includes(wrong)) throw new Error(`${file} has no longer ${JSON.stringify(wrong)}`)
    writeFileSync(path, code.replace(wrong, right))
  }
  const { stdout } = await run(process.execPath, vitest, options)
  return { command: 'BODY_CARDNUMBER=any npx vitest run order.test.ts', output: stdout.replaceAll(folder, '~/shop') }
}
