/** The table of what the tests run on, made of the versions that they install. */
import { readFileSync } from 'node:fs'
import { fileOf } from '../demo/places.ts'

interface Manifest {
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
}

const ROOT_MANIFEST = 'package.json'
const RUNTIMES = 'test/runtimes/hosts/package.json'

/** `npm:express@4.22.3` is 4.22.3. */
function versionsOf(path: string, ...names: string[]): string {
  const manifest: Manifest = JSON.parse(readFileSync(fileOf(path), 'utf8'))
  const known: Record<string, string> = { ...manifest.dependencies, ...manifest.devDependencies }
  const versions = names.map(name => {
    const version = known[name]?.replace(/^npm:.*@/, '')
    if (!version) throw new Error(`${path} has no ${name}.`)
    return version
  })
  return versions.join(', ')
}

/** A table of Markdown: what, in which versions, by which tests. */
export function formatVersions(): string {
  const rows = [
    ['Node.js', versionsOf(RUNTIMES, 'node-20', 'node-22', 'node-24', 'node-latest'), 'every-runtime'],
    ['Deno', versionsOf(RUNTIMES, 'deno'), 'every-runtime'],
    ['Bun', versionsOf(RUNTIMES, 'bun'), 'every-runtime'],
    ['workerd (Cloudflare Workers)', versionsOf(ROOT_MANIFEST, 'workerd'), 'every-runtime'],
    ['the edge VM (Vercel)', versionsOf(ROOT_MANIFEST, '@edge-runtime/vm'), 'every-runtime'],
    [
      "AWS Lambda's runtime client, Node 20",
      versionsOf('test/lambda/runtime-20/package.json', 'aws-lambda-ric'),
      'lambda/node-20',
    ],
    [
      "AWS Lambda's runtime client, Node 24",
      versionsOf('test/lambda/runtime/package.json', 'aws-lambda-ric'),
      'lambda/node-24',
    ],
    ['Hono', versionsOf(ROOT_MANIFEST, 'hono'), 'adapters/hono'],
    ['itty-router', versionsOf(ROOT_MANIFEST, 'itty-router-5', 'itty-router'), 'adapters/itty'],
    ['Express', versionsOf(ROOT_MANIFEST, 'express-4', 'express'), 'adapters/node-express'],
    ['Fastify', versionsOf(ROOT_MANIFEST, 'fastify'), 'adapters/node-frameworks'],
    ['Nest', versionsOf(ROOT_MANIFEST, '@nestjs/core'), 'adapters/node-frameworks'],
    ['Connect', versionsOf(ROOT_MANIFEST, 'connect'), 'adapters/node-express'],
    ['Next.js', versionsOf('test/hosts/package.json', 'next'), 'hosts/next'],
  ]
  const lines = rows.map(([name, versions, test]) => `| ${name} | ${versions} | [${test}](../test/${test}.test.ts) |`)
  return ['| what | versions | tests |', '|---|---|---|', ...lines].join('\n')
}
