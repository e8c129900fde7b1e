/** Client libraries that take a `fetch`: they work as with the runtime's own, and their requests are on the tape. */

import { createServer } from 'node:http'
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { FetchHttpHandler } from '@smithy/fetch-http-handler'
import { Hono } from 'hono'
import { hc } from 'hono/client'
import ky from 'ky'
import OpenAI from 'openai'
import Stripe from 'stripe'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { recordTape } from './record-tape.ts'

let origin = ''
const server = createServer(async (request, response) => {
  const body: Buffer[] = []
  for await (const chunk of request) body.push(chunk)
  const json = (value: unknown, status = 200) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
  switch (request.url) {
    case '/v1/charges':
      return json({ id: 'ch_1', object: 'charge', amount: 1999 })
    case '/v1/chat/completions': {
      const { stream } = JSON.parse(Buffer.concat(body).toString())
      const choices = [{ index: 0, delta: { content: 'hel' }, message: { role: 'assistant', content: 'hello' } }]
      if (!stream) return json({ id: 'c1', object: 'chat.completion', choices })
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      return response.end(`data: ${JSON.stringify({ id: 'c1', choices })}\n\ndata: [DONE]\n\n`)
    }
    case '/prices/7':
      return json({ cents: 1999 })
    case '/broken':
      return json({ error: 'broken' }, 500)
    default:
      return json({ MessageId: 'm1', MD5OfMessageBody: '5d41402abc4b2a76b9719d911017c592' })
  }
})
beforeAll(async () => {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
})
afterAll(() => void server.close())

const app = new Hono().get('/prices/:sku', c => c.json({ cents: 1999 }))

test('hono/client', async () => {
  const tape = await recordTape({}, async (_env, { fetch }) => {
    const response = await hc<typeof app>(origin, { fetch }).prices[':sku'].$get({ param: { sku: '7' } })
    expect(await response.json()).toEqual({ cents: 1999 })
  })
  expect(tape.calls).toMatchObject([
    { method: 'GET', input: { url: `${origin}/prices/7` }, output: { body: '{"cents":1999}' } },
  ])
})

test('ky', async () => {
  const tape = await recordTape({}, async (_env, { fetch }) => {
    const client = ky.create({ fetch, retry: 0 })
    expect(await client.get(`${origin}/prices/7`).json()).toEqual({ cents: 1999 })
    await client.post(`${origin}/v1/charges`, { json: { amount: 1 } }).json()
    await expect(client.get(`${origin}/broken`).json()).rejects.toMatchObject({ name: 'HTTPError' })
  })
  expect(tape.complete).toBe(true)
  expect(tape.calls).toMatchObject([
    { method: 'GET', output: { status: 200 } },
    { method: 'POST', input: { body: '{"amount":1}' }, output: { status: 200 } },
    { method: 'GET', output: { status: 500, body: '{"error":"broken"}' } },
  ])
})

test('the AWS SDK, by requestHandler', async () => {
  const tape = await recordTape({}, async (_env, { fetch }) => {
    const client = new SQSClient({
      region: 'eu-central-1',
      endpoint: origin,
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'hunter2' },
      requestHandler: new FetchHttpHandler({ customFetch: fetch }),
    })
    const sent = await client.send(new SendMessageCommand({ QueueUrl: `${origin}/1/q`, MessageBody: 'hello' }))
    expect(sent.MessageId).toBe('m1')
  })
  expect(tape.calls).toMatchObject([
    { target: origin, method: 'POST', input: { body: expect.stringContaining('"MessageBody":"hello"') } },
  ])
})

test('Stripe, by createFetchHttpClient', async () => {
  const tape = await recordTape({}, async (_env, { fetch }) => {
    const { hostname, port } = new URL(origin)
    const stripe = new Stripe('sk_test_hunter2', {
      httpClient: Stripe.createFetchHttpClient(fetch),
      host: hostname,
      port,
      protocol: 'http',
      maxNetworkRetries: 0,
    })
    const charge = await stripe.charges.create({ amount: 1999, currency: 'eur', source: 'tok_visa' })
    expect(charge).toMatchObject({ id: 'ch_1', amount: 1999 })
  })
  expect(tape.calls).toMatchObject([
    {
      method: 'POST',
      input: { url: `${origin}/v1/charges`, body: expect.stringContaining('amount=1999') },
      output: { status: 200, body: expect.stringContaining('"ch_1"') },
    },
  ])
  expect(JSON.stringify(tape)).not.toContain('hunter2')
})

test('OpenAI, at once and as a stream', async () => {
  const tape = await recordTape({}, async (_env, { fetch }) => {
    const openai = new OpenAI({ apiKey: 'hunter2', baseURL: `${origin}/v1`, fetch, maxRetries: 0 })
    const question = { model: 'gpt', messages: [{ role: 'user' as const, content: 'hi' }] }
    const whole = await openai.chat.completions.create(question)
    expect(whole.choices[0]?.message.content).toBe('hello')
    let said = ''
    for await (const part of await openai.chat.completions.create({ ...question, stream: true })) {
      said += part.choices[0]?.delta.content
    }
    expect(said).toBe('hel')
  })
  expect(tape.complete).toBe(true)
  expect(tape.calls).toMatchObject([
    {
      method: 'POST',
      input: { body: expect.stringContaining('"messages"') },
      output: { body: expect.stringContaining('hello') },
    },
    { output: { body: expect.stringMatching(/^data: \{.*\n\ndata: \[DONE\]\n\n$/) } },
  ])
})
