/** Lambda's runtime: what it posts for each way to return and to stream, bare and recorded. */
import { expect, test } from 'vitest'
import { readEvent } from '../lambda/invoke.ts'
import type { Posted } from '../lambda/runtime-api.ts'
import { NODE_24, startEnvironment } from '../lambda/runtimes.ts'
import { RETURNS, STREAMS } from './lambda-ways.ts'

/** What was posted, but for what differs from run to run, and the length of what has a trace id more. */
function comparable({ kind, headers, body, trailers }: Posted): object {
  const own = Object.entries(headers).filter(([name]) => !['content-length', 'host', XRAY_CAUSE].includes(name))
  const failure = Buffer.from(trailers['lambda-runtime-function-error-body'] ?? '', 'base64').toString()
  const told = kind === 'error' ? withoutStack(body) : body
  const how = { type: trailers['lambda-runtime-function-error-type'], body: withoutStack(failure) }
  return { kind, headers: Object.fromEntries(own), body: withoutTraceId(told), failure: how }
}

/** An error without where in its bundle it was thrown. */
const withoutStack = (error: string): string => error.replace(/"trace":\s*\[.*\]/s, '')

const XRAY_CAUSE = 'lambda-runtime-function-xray-error-cause'

/** A body without the trace id that it has among its headers; such a list of headers may have been made for that. */
function withoutTraceId(body: string): string {
  return body
    .replace(/,?"x-trace-id":(\["[^"]*"\]|"[^"]*")/, '')
    .replace(/,"headers":\{\}/, '')
    .replace(/"headers":\{\},?/, '')
}

const FORMS = { Buffered: Object.keys(RETURNS), Streaming: Object.keys(STREAMS) }
const EVENTS = ['http-api', 'rest-api', 's3']

test.each(['Buffered', 'Streaming'] as const)('%s', async form => {
  for (const name of form === 'Buffered' ? EVENTS : ['function-url']) {
    const posted = await Promise.all(
      ['bare', 'ours'].map(async how => {
        const { api } = await startEnvironment(NODE_24, `${how}${form}`, {}, 'test/sameness/lambda-ways.ts')
        const all: Record<string, object> = {}
        for (const way of FORMS[form]) all[way] = comparable(await api.invoke({ ...readEvent<object>(name), way }))
        return all
      }),
    )
    expect(posted[1]).toEqual(posted[0])
  }
})
