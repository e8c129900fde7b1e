import { basename } from 'node:path'
import { transform } from 'esbuild'
import type { Options } from 'tsup'

/** What keeps bundlers from a dynamic `import`. esbuild leaves such comments out with the white space. */
const IMPORT_COMMENTS = /(?<=\bimport\(\s*)\/\*.*?\*\/(?:\s*\/\*.*?\*\/)*/gs

/**
 * Takes white space out of what is published, and gives CommonJS short local names besides: it is there for Jest and old
 * versions of Node, which load it as it is. Entries keep the names of their functions, which frameworks show. Syntax stays
 * as it is: esbuild would write a module's name into an `import` that no bundler may resolve.
 */
export const smallerChunks: NonNullable<Options['plugins']>[number] = {
  name: 'smaller-chunks',
  async renderChunk(code, { type, path }) {
    if (type !== 'chunk' || !/\.c?js$/.test(path)) return undefined
    const isPart = path.endsWith('.cjs') && basename(path).startsWith('chunk-')
    const smaller = await transform(code, {
      minifyWhitespace: true,
      minifyIdentifiers: isPart,
      target: 'es2022',
      legalComments: 'inline',
    })
    const comments = code.match(IMPORT_COMMENTS) ?? []
    if (comments.length !== (smaller.code.match(/\bimport\(/g)?.length ?? 0)) {
      throw new Error(`A dynamic import in ${path} says nothing to bundlers.`)
    }
    return { code: smaller.code.replaceAll(/\bimport\(/g, () => `import(${comments.shift()} `) }
  },
}
