import { describeFailure, FAILED, runCommandLine } from './command-line.ts'

const interruption = new AbortController()
// Once: whoever asks a second time need not wait.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort())

const args = process.argv.slice(2)

/** Commands that go on until they are ended: whoever stops reading ends them too. */
const ENDLESS: readonly (string | undefined)[] = ['inbox', 'tail']

// `replaystack tail | head`: nobody reads on, and that is no error. What else a command is to tell, its exit code tells.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    if (stream === process.stdout && ENDLESS.includes(args[0])) process.exit(0)
  })
}

// Node's own exit code for these is 1, which says that two answers differ.
process.on('uncaughtException', error => {
  process.stderr.write(`${describeFailure(error)}\n`)
  process.exit(FAILED)
})

process.exitCode = await runCommandLine(args, {
  print: line => process.stdout.write(`${line}\n`),
  printError: line => process.stderr.write(`${line}\n`),
  // On stderr: stdout may go to a file.
  showProgress: process.stderr.isTTY ? line => process.stderr.write(`\r\u001b[K${line}`) : undefined,
  color: process.stdout.isTTY === true && !process.env['NO_COLOR'],
  interrupted: interruption.signal,
})
