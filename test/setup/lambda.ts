import { nodeBinary } from '../support/legs/hosts.ts'
import { install } from './install.ts'

/** Before `npm run test:lambda`. */
export default async function setup(): Promise<void> {
  console.log(
    "test:lambda needs the npm registry and what compiles AWS's runtime interface clients, once: cmake, make, g++, python3, xz, autoconf, automake and libtool.",
  )
  await install('runtimes/hosts')
  await install('lambda/runtime')
  // Compiled for the Node that it runs on.
  await install('lambda/runtime-20', nodeBinary('node-20'))
}
