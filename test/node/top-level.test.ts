import { describe, expect, test } from 'vitest'
import { runProcess, titledHosts, usePrograms } from './run-process.ts'

const nodes = titledHosts.filter(({ name }) => name === 'Node')

describe('what a module throws at its top level', () => {
  const programs = usePrograms()
  const kinds = ['error', 'new', 'error with fields', 'string', 'object', 'undefined']

  test.each(nodes)('is shown as without guards, and recorded: $title', async host => {
    for (const THROWN of kinds) {
      for (const AWAITED of ['', '1']) {
        const endpoint = programs.ingest.open()
        const environment = { THROWN, AWAITED, REPLAYSTACK_API_KEY: 'k', REPLAYSTACK_ENDPOINT: endpoint.url }
        const run = (GUARDED: string) =>
          runProcess(host, `${programs.folder}/top-level.mjs`, { environment: { ...environment, GUARDED } })
        const [bare, guarded] = [await run(''), await run('1')]
        expect(guarded, `${THROWN} ${AWAITED}`).toEqual(bare)
        expect(bare.code).toBe(1)
        expect(endpoint.events()).toMatchObject([{ endpoint: '/runtime/unhandledRejection', status: 'failed' }])
      }
    }
  })
})

describe('an error that nobody catches', () => {
  const programs = usePrograms()
  const places = ['top level', 'a function', 'a timer', 'a turn', 'a tick', 'a rejection', 'an async function']

  test.each(nodes)('is shown with its own line, as without guards, and recorded: $title', async host => {
    for (const PLACE of places) {
      const endpoint = programs.ingest.open()
      const environment = { PLACE, REPLAYSTACK_API_KEY: 'k', REPLAYSTACK_ENDPOINT: endpoint.url }
      const run = (GUARDED: string) =>
        runProcess(host, `${programs.folder}/thrown.cjs`, { environment: { ...environment, GUARDED } })
      const [bare, guarded] = [await run(''), await run('1')]
      expect(guarded, PLACE).toEqual(bare)
      expect([bare.code, bare.stderr]).toEqual([1, expect.stringContaining('thrown.cjs:')])
      expect(endpoint.events()).toMatchObject([{ status: 'failed' }])
    }
  })
})

describe('guards that are installed again', () => {
  const programs = usePrograms()

  test.each(titledHosts)('are one, of which the last counts: $title', async host => {
    const environment = { REPLAYSTACK_API_KEY: 'k', REPLAYSTACK_ENDPOINT: 'http://127.0.0.1:9' }
    const { stdout } = await runProcess(host, `${programs.folder}/guarded-again.mjs`, { environment })
    const [before, once, again, stillThere, after] = stdout
    expect(once).not.toBe(before)
    expect([again, stillThere, after, stdout.length]).toEqual([once, once, before, 5])
  })
})
