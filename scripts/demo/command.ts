import { Cleanup } from './cleanup.ts'
import { DemoError } from './demo-error.ts'
import { HELP, readOptions } from './options.ts'
import { createScreen, type Screen } from './screen.ts'
import { type Story, tellStory } from './story.ts'

/** The exit code of a program that Ctrl-C ended. */
const INTERRUPTED = 130

/** `npm run demo`. Ends the process. */
export async function runDemoCommand(args: readonly string[]): Promise<void> {
  const interruption = new AbortController()
  const interrupted = interruption.signal
  const interrupt = () => interruption.abort()
  // Kept on: npm hands on a Ctrl-C that the terminal has sent to everyone already.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt)
  // `npm run demo | head`: nobody reads on.
  process.stdout.on('error', interrupt)
  const cleanup = new Cleanup()
  const screen = createScreen(process.stdout, interrupted)
  process.exitCode = await run(args, { screen, cleanup, interrupted })
  await cleanup.run()
  process.exit()
}

interface Run {
  screen: Screen
  cleanup: Cleanup
  interrupted: AbortSignal
}

async function run(args: readonly string[], { screen, cleanup, interrupted }: Run): Promise<number> {
  const end = endOf(interrupted)
  try {
    const options = readOptions(args)
    if (options.help) {
      screen.print(HELP)
      return 0
    }
    screen.heading('ReplayStack demo')
    const story = await Promise.race([tellStory(options, { screen, cleanup, interrupted }), end])
    if (!story) {
      screen.print()
      return INTERRUPTED
    }
    await stayUp(story, screen, end)
    return story.passed ? 0 : 1
  } catch (error) {
    if (interrupted.aborted) return INTERRUPTED
    console.error(error instanceof DemoError ? `demo: ${error.message}` : error)
    return 1
  }
}

/** In front of somebody, until they end it; otherwise not at all. */
async function stayUp(
  { inbox, worker, children, failed }: Story,
  screen: Screen,
  end: Promise<undefined>,
): Promise<void> {
  screen.heading('Where it is')
  screen.print(`  Inbox   ${screen.paint('cyan', inbox)}`)
  screen.print(`  Worker  ${screen.paint('cyan', worker)}`)
  screen.print()
  screen.heading('The failed order as a test: red until the shop copes with a declined card')
  screen.print(`  npx replaystack test ${failed} --app examples/shop/src/index.ts --out examples/shop/order.test.ts \\`)
  screen.print(`    --expect 402 --inbox ${inbox}`)
  screen.print('  BODY_CARDNUMBER=any npx vitest run --root examples/shop')
  screen.print()
  if (!screen.isTerminal) return
  screen.print('  Ctrl-C ends it.')
  const died = children.map(async ({ name, child }) => {
    await child.ended
    return name
  })
  const name = await Promise.race([end, ...died])
  if (name) throw new DemoError(`${name} has ended by itself`)
  screen.print()
}

function endOf(interrupted: AbortSignal): Promise<undefined> {
  return new Promise(resolve => interrupted.addEventListener('abort', () => resolve(undefined), { once: true }))
}
