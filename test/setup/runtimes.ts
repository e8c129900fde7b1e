import { install } from './install.ts'

/** Before `npm run test:runtimes`. */
export default async function setup(): Promise<void> {
  console.log(
    'test:runtimes needs the npm registry, once: Deno, Bun and Node 20 to 26 are installed into test/runtimes/hosts.',
  )
  await install('runtimes/hosts')
}
