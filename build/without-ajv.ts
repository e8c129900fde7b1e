import type { Plugin } from 'esbuild'

/**
 * Leaves Ajv out of the Model Context Protocol's SDK, and half of what its server weighs with it: a server checks by it what
 * its client's user fills in, and ours asks for nothing.
 */
export const withoutAjv: Plugin = {
  name: 'without-ajv',
  setup({ onLoad }) {
    const contents = 'export class AjvJsonSchemaValidator {}'
    onLoad({ filter: /@modelcontextprotocol\/sdk\/.*\/ajv-provider\.js$/ }, () => ({ contents, loader: 'js' }))
  },
}
