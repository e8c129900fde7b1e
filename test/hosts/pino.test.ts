/** pino, whose lines are written and captured. */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { pinoLogMethod } from '../../src/adapters/node/log-hooks.ts'
import { runWithReplayStackContext } from '../../src/client/scope.ts'
import { root } from '../package/bundle-entry.ts'
import { createRecordedClient } from '../support/recorded-client.ts'

type Log = (...args: unknown[]) => void
interface Logger extends Record<'debug' | 'info' | 'warn' | 'error' | 'fatal', Log> {
  child(fields: object): Logger
}
const pino: (options: object, destination: { write(line: string): void }) => Logger = createRequire(
  join(root, 'test/hosts/package.json'),
)('pino')

/** Writes the same lines, with and without the hook. */
function writeLines(hooks: object): Record<string, unknown>[] {
  const lines: Record<string, unknown>[] = []
  const write = (line: string): void => {
    const { time: _, ...rest } = JSON.parse(line)
    lines.push(rest)
  }
  const logger = pino({ base: null, ...hooks }, { write })
  logger.debug('below its level')
  logger.info('charged %s for %d', 'teapot', 2)
  logger.warn({ sku: 'teapot', cardNumber: '4000000000004242' }, 'stock is low')
  logger.error(new RangeError('declined'))
  logger.fatal({ err: new TypeError('no bank') }, 'gave up')
  logger.child({ order: 7 }).error({ odd: true })
  return lines
}

test('each line is written as without the hook, and is on the event of its scope', async () => {
  const recorded = createRecordedClient({ logLevel: 'debug' })
  const bare = writeLines({})
  const written = await runWithReplayStackContext(async () => {
    const lines = writeLines({ hooks: { logMethod: pinoLogMethod(recorded.client) } })
    await recorded.client.captureEvent({ endpoint: 'job' })
    return lines
  })
  const withoutStacks = (lines: unknown): string => JSON.stringify(lines).replace(/"stack":"(?:[^"\\]|\\.)*"/g, '')
  expect(withoutStacks(written)).toBe(withoutStacks(bare))
  expect(recorded.events[0]?.logs).toMatchObject([
    { level: 'info', message: 'charged teapot for 2' },
    { level: 'warning', message: 'stock is low', metadata: { sku: 'teapot', cardNumber: '[MASKED]' } },
    { level: 'error', message: 'declined', metadata: { err: { name: 'RangeError', message: 'declined' } } },
    { level: 'error', message: 'gave up', metadata: { err: { name: 'TypeError', message: 'no bank' } } },
  ])
})

test('a line that cannot be captured is written all the same', () => {
  const captureLog = (): never => {
    throw new Error('broken')
  }
  expect(writeLines({ hooks: { logMethod: pinoLogMethod({ captureLog }) } })).toHaveLength(5)
})
