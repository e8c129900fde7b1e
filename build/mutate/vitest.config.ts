import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { definitions } from '../entries.ts'
import { definePageAssets } from '../page-assets.ts'

/** The first test that fails ends a mutant: the tests of its own room first, then the quickest. */
class NearestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const [changed = ''] = this.ctx.config.related ?? []
    const room = `/test/${/\/src\/(\w+)\/[^/]+$/.exec(changed)?.[1]}/`
    const costOf = (file: TestSpecification): number => {
      const duration = this.ctx.cache.getTestSpecificationResult(file)?.duration ?? 0
      return file.moduleId.includes(room) ? duration - 1e9 : duration
    }
    return files.toSorted((one, other) => costOf(one) - costOf(other))
  }
}

/** The tests of the rooms that are mutated, and none that starts another process, reads `dist/` or compares CPU times. */
export default defineConfig({
  define: { ...definitions, ...definePageAssets() },
  test: {
    include: [
      'test/{body,client,contract,delivery,event,mask,observe,runtimes}/**/*.test.ts',
      'test/adapters/*.test.ts',
      'test/hostile/{node-requests,properties}.test.ts',
      'test/node/client.test.ts',
      'test/tape/{hermetic,play}.test.ts',
    ],
    exclude: [
      'test/adapters/{nested-hosts,node-hosts}.test.ts',
      'test/client/first-run.test.ts',
      'test/mask/{cost,request-cost}.test.ts',
      '**/node_modules/**',
    ],
    sequence: { sequencer: NearestFirst },
    testTimeout: 60_000,
  },
})
