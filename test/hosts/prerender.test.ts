/** Pages and routes that frameworks render ahead, bare and recorded: they are built alike. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { root } from '../package/bundle-entry.ts'
import { linkInstalled, packForProjects } from '../support/fresh-project.ts'

const run = promisify(execFile)
const home = join(root, 'test/hosts')
const makeProject = packForProjects()

/** Runs a build to its end. */
async function build(folder: string, command: readonly string[], environment: Record<string, string>) {
  const env = {
    ...process.env,
    NODE_ENV: 'production',
    NO_COLOR: '1',
    REPLAYSTACK_API_KEY: 'key',
    REPLAYSTACK_ENDPOINT: 'http://127.0.0.1:9',
    ...environment,
  }
  return run(process.execPath, [...command], { cwd: folder, env }).then(
    ({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }),
    ({ code, stdout, stderr }) => ({ code, output: `${stdout}${stderr}` }),
  )
}

/** A page whose code captures while it is rendered ahead, or the same without. */
const client = (isRecorded: boolean): string => `
import { ReplayStackClient } from '@replaystack/edge'
const client = ${isRecorded ? 'new ReplayStackClient()' : 'undefined'}
`
const page = (isRecorded: boolean): string => `${client(isRecorded)}
export function generateMetadata() {
  client?.addBreadcrumb('asked')
  client?.captureLog({ message: 'asked' })
  client?.captureException(new Error('data missing'))
  return { title: 'shop' }
}
export default function Page() { return <p>shop</p> }
`
/** What fails in the page itself, in what it caches, and in what is left for the request. */
const shelf = (isRecorded: boolean): string => `${client(isRecorded)}
import { cookies } from 'next/headers'
import { Suspense } from 'react'
async function titles() {
  'use cache'
  client?.captureException(new Error('cache missing'))
  return ['book']
}
async function Basket() {
  client?.captureException(new Error('no basket yet'))
  return <p>{(await cookies()).get('basket')?.value}</p>
}
export default async function Shelf() {
  client?.captureException(new Error('shelf missing'))
  return <><p>{await titles()}</p><Suspense fallback={<p>…</p>}><Basket /></Suspense></>
}
`
const route = (isRecorded: boolean): string => `
import { withReplayStack } from '@replaystack/edge/vercel'
const handler = async () => Response.json({ fixed: true })
export const GET = ${isRecorded ? 'withReplayStack(handler)' : 'handler'}
`

test('pages and a static route of Next.js, with cacheComponents', async () => {
  const folder = await makeProject({
    'next.config.mjs': 'export default { cacheComponents: true }',
    'app/layout.js': 'export default function Layout({ children }) { return <html><body>{children}</body></html> }',
    ...Object.fromEntries(
      [false, true].flatMap(isRecorded => {
        const place = `app/${isRecorded ? 'recorded' : 'bare'}`
        return [
          [`${place}/page.js`, page(isRecorded)],
          [`${place}/shelf/page.js`, shelf(isRecorded)],
          [`${place}/fixed/route.js`, route(isRecorded)],
        ]
      }),
    ),
  })
  await linkInstalled(home, folder)
  const next = join(home, 'node_modules/next/dist/bin/next')
  const { code, output } = await build(folder, [next, 'build', '--webpack'], { NEXT_TELEMETRY_DISABLED: '1' })
  expect(output).not.toMatch(/Error:/)
  expect(code).toBe(0)
  /** How each route is rendered: `○` ahead, `◐` in part. */
  const routesBelow = (place: string) =>
    [...output.matchAll(/^[┌├└] (\S) \/(\w+)(\S*)/gm)]
      .filter(([, , at]) => at === place)
      .map(([, how, , path]) => `${how}${path}`)
  expect(routesBelow('bare')).toEqual(['○', '○/fixed', '◐/shelf'])
  expect(routesBelow('recorded')).toEqual(routesBelow('bare'))
})

test('an endpoint and a middleware of Astro on prerendered pages', async () => {
  const folder = await makeProject({
    'package.json': '{ "private": true, "type": "module" }',
    'astro.config.mjs': 'export default {}',
    'src/pages/index.astro': '<h1>shop</h1>',
    'src/pages/data.json.js': `
      import { withReplayStack } from '@replaystack/edge/fetch'
      const handler = () => Response.json({ fixed: true })
      export const GET = process.env.RECORDED ? withReplayStack(handler) : handler`,
    'src/middleware.js': `
      import { withReplayStack } from '@replaystack/edge/fetch'
      const handler = (context, next) => next()
      export const onRequest = process.env.RECORDED ? withReplayStack(handler) : handler`,
  })
  await linkInstalled(home, folder)
  const astro = join(home, 'node_modules/astro/bin/astro.mjs')
  const builds = []
  for (const RECORDED of ['', '1']) {
    const { code, output } = await build(folder, [astro, 'build'], { RECORDED, ASTRO_TELEMETRY_DISABLED: '1' })
    const data = await readFile(join(folder, 'dist/data.json'), 'utf8')
    builds.push({ code, warnings: output.match(/^.*(?:WARN\](?! \[vite\])|request\.headers).*$/gm), data })
  }
  expect(builds).toEqual([
    { code: 0, warnings: null, data: '{"fixed":true}' },
    { code: 0, warnings: null, data: '{"fixed":true}' },
  ])
})
