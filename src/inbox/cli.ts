import { runCommandLine } from './command-line.ts'

const interruption = new AbortController()
// Once: whoever asks a second time need not wait.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort())

// `replaystack tail | head`: nobody reads on, and that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
})

process.exitCode = await runCommandLine(process.argv.slice(2), {
  print: line => process.stdout.write(`${line}\n`),
  printError: line => process.stderr.write(`${line}\n`),
  color: process.stdout.isTTY === true && !process.env['NO_COLOR'],
  interrupted: interruption.signal,
})
