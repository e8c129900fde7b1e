import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'
import type { StackFrame } from '../../src/types.ts'
import { createTemporaryFolder } from './temporary-folder.ts'

export const SOURCES = {
  'package.json': '{}',
  'src/index.ts': `import { charge } from './payment.ts'
interface Order { card?: { id: string } }

export function handle(order: Order): string {
  return charge(order)
}
`,
  'src/payment.ts': `// Charges a card.
type Order = { card?: { id: string } }
/** Fails without one. */
export function charge(order: Order): string {
  // The card is not checked.
  return (order as { card: { id: string } }).card.id
}
// The last line.`,
}

/** Where the bundle of {@link writeProject} fails: the text that is looked for in its lines. */
const FAILING = '.card.id'

/** Texts by path. */
export type Files = Record<string, string>

/** Writes files, and the folders they are in. */
export function write(folder: string, files: Files): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
}

/** A project of two sources, with its bundle and map in `dist/`. */
export async function writeProject(outfile = 'dist/index.js', sources: Files = SOURCES) {
  const project = createTemporaryFolder()
  write(project, sources)
  return { project, dist: join(project, 'dist'), generated: await bundle(project, outfile) }
}

/** Bundles a project, and answers where the bundle fails: counted from 1, as stacks are. */
export async function bundle(project: string, outfile = 'dist/index.js') {
  const { outputFiles } = await build({
    entryPoints: [join(project, 'src/index.ts')],
    outfile: join(project, outfile),
    bundle: true,
    format: 'esm',
    sourcemap: true,
    write: false,
  })
  for (const { path, text } of outputFiles) write(dirname(path), { [path.slice(dirname(path).length + 1)]: text })
  const lines = (outputFiles.find(({ path }) => path.endsWith('.js'))?.text ?? '').split('\n')
  const line = lines.findIndex(text => text.includes(FAILING))
  return { lineNumber: line + 1, columnNumber: (lines[line]?.indexOf('.id') ?? 0) + 2 }
}

/** A frame of the function `charge`. */
export function frame(fileName: string, position: { lineNumber?: number; columnNumber?: number }): StackFrame {
  return { functionName: 'charge', fileName, ...position, raw: `at charge (${fileName})` }
}
