/** An error's own fields in its event, by whichever way it comes. */
import { expect, it } from 'vitest'
import { withReplayStack } from '../../src/adapters/fetch.ts'
import { withReplayStack as withLambda } from '../../src/adapters/lambda/index.ts'
import { runReplayStackJob } from '../../src/adapters/node/job.ts'
import type { ReplayStackClient } from '../../src/client/client.ts'
import { createRecordedClient } from '../support/recorded-client.ts'

const thrown = Object.assign(new Error('refused'), {
  code: 'P2002',
  meta: { target: ['email'], password: 'planted-1' },
  config: { headers: { Authorization: 'Bearer planted-2' }, url: 'https://u:planted-3@h/' },
})
const fail = async (): Promise<never> => Promise.reject(thrown)

const fails = (_event: object): Promise<never> => fail()

const ways: Record<string, (client: ReplayStackClient) => unknown> = {
  captureException: client => client.captureException(thrown),
  'a fetch handler': client => withReplayStack(fails, { client })(new Request('https://h/')),
  'a job': client => runReplayStackJob(client, { name: 'job' }, fail),
  'a Lambda function': client => withLambda(fails, { client })({}),
}

it.each(Object.entries(ways))('%s tells them in metadata.error, masked', async (_, run) => {
  const recorded = createRecordedClient()
  const { client } = recorded
  await Promise.resolve(run(client)).catch(error => expect(error).toBe(thrown))
  expect(await client.flush()).toBe(true)
  const { events } = recorded
  expect(events).toHaveLength(1)
  expect(Reflect.get(Object(events[0]?.metadata), 'error')).toEqual({
    code: 'P2002',
    meta: { target: ['email'], password: '[MASKED]' },
    config: { headers: { Authorization: '[MASKED]' }, url: 'https://[MASKED]@h/' },
  })
  expect(JSON.stringify(events)).not.toContain('planted')
})
