import { type ParseArgsConfig, parseArgs } from 'node:util'
import { InboxError } from '../inbox-error.ts'

/** A command line that cannot be understood. */
export class UsageError extends InboxError {
  override name = 'UsageError'
}

type Options = NonNullable<ParseArgsConfig['options']>
type Values<Given extends Options> = ReturnType<
  typeof parseArgs<{ args: string[]; options: Given; allowPositionals: true }>
>['values']

/**
 * Parses a command's options.
 *
 * @throws UsageError in one line
 */
export function parseOptions<const Given extends Options>(args: readonly string[], options: Given): Values<Given> {
  return parse(args, options, false).values
}

/**
 * Parses a command's options and its one argument.
 *
 * @param argument what is missing when it is: `An event's ID`
 * @throws UsageError in one line
 */
export function parseArgument<const Given extends Options>(
  args: readonly string[],
  options: Given,
  argument: string,
): { values: Values<Given>; argument: string } {
  const { values, positionals } = parseArguments(args, options, [argument])
  return { values, argument: positionals[0] ?? '' }
}

/**
 * Parses a command's options and its arguments.
 *
 * @param required what is missing when it is, an entry each: `An event's ID`
 * @param optional how many more there may be
 * @throws UsageError in one line
 */
export function parseArguments<const Given extends Options>(
  args: readonly string[],
  options: Given,
  required: readonly string[],
  optional = 0,
): { values: Values<Given>; positionals: string[] } {
  const { values, positionals } = parse(args, options, true)
  const missing = required.find((_, index) => !positionals[index])
  if (missing !== undefined) throw new UsageError(`${missing} is missing`)
  const unexpected = positionals[required.length + optional]
  if (unexpected !== undefined) throw new UsageError(`Unexpected argument '${unexpected}'`)
  return { values, positionals }
}

/**
 * What lets a command in at a team's inbox, which any command may be given, and its other options.
 *
 * @throws UsageError
 */
export function takeToken(args: readonly string[]): { token: string | undefined; rest: string[] } {
  const rest: string[] = []
  let token: string | undefined
  for (let index = 0; index < args.length; index++) {
    const [, written] = /^--token(?:=(.*))?$/s.exec(args[index] ?? '') ?? ['', null]
    if (written === null) rest.push(args[index] ?? '')
    else token = written ?? args[++index] ?? ''
  }
  if (token === '') throw new UsageError('--token needs a value')
  return { token, rest }
}

/**
 * An inbox's URL without slashes at its end.
 *
 * @throws UsageError
 */
export function readInboxUrl(inbox: string): string {
  if (!/^https?:\/\//.test(inbox) || !URL.canParse(inbox)) {
    throw new UsageError(`--inbox must be an http URL, got ${inbox}`)
  }
  return inbox.replace(/\/+$/, '')
}

function parse<const Given extends Options, const Positionals extends boolean>(
  args: readonly string[],
  options: Given,
  allowPositionals: Positionals,
) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals })
  } catch (error) {
    // Node adds how to escape an argument; what is wrong stands in the first sentence.
    const [sentence] = error instanceof Error ? error.message.split(/\n|\. /) : []
    throw new UsageError(sentence ?? 'The options cannot be read')
  }
}
