import { parseArgs } from 'node:util'
import { DemoError } from './demo-error.ts'

export interface DemoOptions {
  /** 0 takes a free one. */
  inboxPort: number
  /** 0 takes a free one. */
  workerPort: number
  /** A text that is sent where no mask can know it, and looked for as a secret: the check must then fail. */
  plant: string | undefined
  /** Whether the package is built first. */
  build: boolean
  help: boolean
}

export const HELP = `Builds the package, starts an inbox and the example Worker on this machine, sends it traffic and shows what arrived.

npm run demo -- [--inbox-port PORT] [--worker-port PORT] [--no-build] [--plant TEXT]
  --inbox-port PORT   where the inbox listens on 127.0.0.1; a free port without it
  --worker-port PORT  where the Worker listens on 127.0.0.1; a free port without it
  --no-build          runs dist/ as it is
  --plant TEXT        sends TEXT as an order's note, which nothing marks as a secret, and looks for it in the store:
                      the demo must then end with 1

In a terminal it stays up until Ctrl-C. It ends with 0 if every expected event arrived and no planted secret did.`

/** @throws {@link DemoError} in one line */
export function readOptions(args: readonly string[]): DemoOptions {
  const { values } = parse(args)
  if (values.plant !== undefined && values.plant.length < 8) {
    throw new DemoError('--plant needs a text of 8 characters or more: a shorter one may be found by chance')
  }
  return {
    inboxPort: readPort('--inbox-port', values['inbox-port']),
    workerPort: readPort('--worker-port', values['worker-port']),
    plant: values.plant,
    build: !values['no-build'],
    help: values.help,
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        'inbox-port': { type: 'string', default: '0' },
        'worker-port': { type: 'string', default: '0' },
        plant: { type: 'string' },
        'no-build': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
  } catch (error) {
    // Node adds how to escape an argument; what is wrong stands in the first sentence.
    const [sentence] = error instanceof Error ? error.message.split(/\n|\. /) : []
    throw new DemoError(sentence ?? 'The options cannot be read')
  }
}

function readPort(option: string, text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535) {
    throw new DemoError(`${option} must be a number from 0 to 65535, got ${text}`)
  }
  return port
}
