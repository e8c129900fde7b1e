import { install } from './install.ts'

/** Before `npm run test:hosts`. */
export default async function setup(): Promise<void> {
  console.log('test:hosts needs the npm registry, once: frameworks are installed into test/hosts.')
  await install('hosts')
  // Bun, for frameworks that are made for it.
  await install('runtimes/hosts')
}
