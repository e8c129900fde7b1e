/**
 * What this package costs, beside no SDK, beside the least code by hand and beside the field. `npm run bench` measures
 * everything and writes RESULTS.md; with any option it prints only. Numbers count on a machine that does nothing else.
 *
 *   --quick           two short rounds and no soak: shows that it works
 *   --only SECTION    workerd, node, parts, capture, skip, bodies, size, start or memory; may be repeated
 *   --apps A,B        only these of `apps/` (and bare)
 *   --rounds N        instead of 5
 *   --out FILE        writes what it prints to a file
 */
import { execFileSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    apps: { type: 'string' },
    rounds: { type: 'string' },
    out: { type: 'string' },
  },
})

const here = path => fileURLToPath(new URL(path, import.meta.url))

if (!existsSync(here('../dist/hono.js'))) throw new Error('There is no dist/: run `npm run build` first.')
if (!existsSync(here('node_modules/undici'))) {
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: here('.'), stdio: 'inherit' })
}

// Only now is there what these import.
const { measureAll } = await import('./harness/measure-all.mjs')
const { text, failed } = await measureAll({
  quick: options.quick,
  only: options.only,
  apps: options.apps?.split(','),
  rounds: options.rounds ? Number(options.rounds) : undefined,
})
console.log(text)

const whole = Object.keys(options).every(name => !options[name]) && !failed
const out = options.out ?? (whole ? here('RESULTS.md') : undefined)
if (out) writeFileSync(out, `${text}\n`)
process.exit(failed ? 1 : 0)
