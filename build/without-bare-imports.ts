import type { Options } from 'tsup'

/** Imports of other parts for their effects alone, which esbuild leaves. No part has any (`sideEffects` of package.json). */
const BARE = /^import *"\.\/chunk-[A-Z\d]+\.js";\n/gm

/** Takes them out: nobody loads a file for nothing, and a bundler in this folder does not warn of them. */
export const withoutBareImports: NonNullable<Options['plugins']>[number] = {
  name: 'without-bare-imports',
  renderChunk: code => ({ code: code.replaceAll(BARE, '') }),
}
