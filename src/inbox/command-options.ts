import { type ParseArgsConfig, parseArgs } from 'node:util'
import { InboxError } from './inbox-error.ts'

/** A command line that cannot be understood. */
export class UsageError extends InboxError {
  override name = 'UsageError'
}

type Options = NonNullable<ParseArgsConfig['options']>

/**
 * Parses a command's options.
 *
 * @throws UsageError in one line
 */
export function parseOptions<const Given extends Options>(
  args: readonly string[],
  options: Given,
): ReturnType<typeof parseArgs<{ args: string[]; options: Given; allowPositionals: false }>>['values'] {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: false }).values
  } catch (error) {
    // Node adds how to escape an argument; what is wrong stands in the first sentence.
    const [sentence] = error instanceof Error ? error.message.split(/\n|\. /) : []
    throw new UsageError(sentence ?? 'The options cannot be read')
  }
}
