/** What `wrangler.toml` needs before its Worker is bundled: the package as it is built and, in `wrangler dev`, tables. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fillDatabase } from './demo/fill-database.ts'
import { EXAMPLE, fileOf } from './demo/places.ts'

/** When a file of a folder was last written, in milliseconds; 0 where there is no such folder. */
function lastWritten(folder: string): number {
  if (!existsSync(folder)) return 0
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return Math.max(0, ...files.map(file => statSync(join(folder, file)).mtimeMs))
}

if (lastWritten(fileOf('dist')) < Math.max(1, lastWritten(fileOf('src')))) {
  const { status } = spawnSync('npm', ['run', 'build'], { cwd: fileOf('.'), stdio: 'inherit' })
  if (status !== 0) throw new Error('The package could not be built: `npm run build` says why')
}
// wrangler says which of its commands this is for.
const folder = fileOf('.wrangler/state')
if (process.env['WRANGLER_COMMAND'] === 'dev' && !existsSync(join(folder, 'v3/d1'))) {
  const schema = readFileSync(fileOf(`${EXAMPLE}/schema.sql`), 'utf8')
  await fillDatabase({ config: fileOf('wrangler.toml'), schema, folder })
}
