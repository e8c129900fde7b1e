/** One server with the Node adapter, as a process of each runtime that has `node:http`. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { expect, it, onTestFinished } from 'vitest'
import { definitions } from '../../build/entries.ts'
import { hosts, runInHost } from '../support/legs/hosts.ts'

const MARK = '@@report@@'
const trail = (...between: string[]): string[] => ['HTTP request started', ...between, 'HTTP request finished']

it.each(hosts)('$name ($binary)', async host => {
  const folder = await mkdtemp(join(tmpdir(), 'replaystack-server-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const outfile = join(folder, 'server.mjs')
  await build({
    entryPoints: [new URL('../support/legs/node-server.ts', import.meta.url).pathname],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'es2022',
    define: definitions,
    logLevel: 'error',
  })
  const allowed = host.name === 'Deno' ? [...host.args, '--allow-net=127.0.0.1'] : host.args
  const printed = await runInHost({ ...host, args: allowed }, outfile)
  const report: unknown = JSON.parse(printed.slice(printed.indexOf(MARK) + MARK.length))
  expect(report).toEqual({
    answers: [
      [200, '{"item":"book","pin":1}', 'string'],
      [202, 'listed', 'string'],
      [200, 'abc', 'string'],
      ['string'],
      [202, '', 'string'],
      [500, 'failed', 'string'],
    ],
    told: [
      {
        endpoint: '/aborted',
        method: 'GET',
        statusCode: 200,
        status: 'success',
        metadata: { aborted: true },
        responsePayload: { captured: false, reason: expect.any(String), sizeBytes: 5 },
        breadcrumbs: trail(),
      },
      {
        endpoint: '/echo',
        method: 'POST',
        statusCode: 200,
        status: 'success',
        requestPayload: { item: 'book', pin: '[MASKED]' },
        responsePayload: { item: 'book', pin: '[MASKED]' },
        breadcrumbs: trail('data', 'timer'),
      },
      {
        endpoint: '/listed',
        method: 'GET',
        statusCode: 202,
        status: 'success',
        responsePayload: 'listed',
        one: '1',
        breadcrumbs: trail(),
      },
      {
        endpoint: '/listed',
        method: 'HEAD',
        statusCode: 202,
        status: 'success',
        one: '1',
        breadcrumbs: trail(),
      },
      {
        endpoint: '/piped',
        method: 'GET',
        statusCode: 200,
        status: 'success',
        responsePayload: 'abc',
        breadcrumbs: trail(),
      },
      {
        endpoint: '/throws',
        method: 'GET',
        statusCode: 500,
        status: 'failed',
        errorName: 'RangeError',
        breadcrumbs: trail('Unhandled exception captured'),
        responsePayload: expect.anything(),
      },
      {
        endpoint: '/zipped',
        method: 'GET',
        statusCode: 200,
        status: 'success',
        responsePayload: { zipped: true },
        breadcrumbs: trail(),
      },
    ],
    own: 0,
  })
})
