import type { ReplayStackEvent } from '../types.ts'
import { readTarget } from './replay/captured-target.ts'
import { createTemplate, type Part } from './replay/placeholders.ts'
import { quoteBytes, quoteText } from './replay/shell-text.ts'

/** Where a request goes whose URL was not captured: an app's usual place on this machine. */
export const DEFAULT_ORIGIN = 'http://127.0.0.1:8787'

/** Characters of one argument: Linux takes 128 KiB. */
const MAX_ARGUMENT_LENGTH = 32_000

/**
 * The command line that sends an event's request to where it went, for any POSIX shell: nothing in it is expanded or
 * ended early, and nothing in it moves a terminal's cursor. What was masked stands as a variable (`$AUTHORIZATION`).
 *
 * @returns `undefined` when the event cannot be replayed
 */
export function curlCommand(event: ReplayStackEvent): string | undefined {
  const template = createTemplate(event)
  if ('refusal' in template) return undefined
  const { request, split } = template
  const { origin = DEFAULT_ORIGIN } = readTarget(event, [])
  const { method, path, headers, body } = request
  const isHead = method === 'HEAD' && body === undefined
  const options = [
    ...(isHead ? ['--head'] : method === 'GET' && body === undefined ? [] : [`-X ${method}`]),
    // Without them curl expands brackets and removes dots.
    ...(/[[\]{}]/.test(origin + path) ? ['--globoff'] : []),
    ...(/\/\.{1,2}(\/|\?|$)/.test(path) ? ['--path-as-is'] : []),
    ...headers.map(([name, value]) => `-H ${writeHeader(name, split(value))}`),
  ]
  const start = [`curl ${quoteText([origin, ...split(path)])}`, ...options]
  if (body === undefined) return start.join(' ')
  // curl would add one of its own.
  if (!headers.some(([name]) => name === 'content-type')) start.push("-H 'content-type:'")
  const parts = split(body)
  if (isPlain(parts) && body.length <= MAX_ARGUMENT_LENGTH)
    return [...start, `--data-raw ${quoteText(parts)}`].join(' ')
  return `${quoteBytes(parts)} | ${[...start, '--data-binary @-'].join(' ')}`
}

/** curl takes `name;` for a header without a value, and leaves out `name:`. */
function writeHeader(name: string, value: readonly Part[]): string {
  if (value.length === 0) return quoteText([`${name};`])
  const isAscii = value.every(part => typeof part !== 'string' || /^[\x20-\x7e]*$/.test(part))
  // A header's characters are bytes (RFC 9110 §5.5), a terminal's are not.
  return isAscii ? quoteText([`${name}: `, ...value]) : `"$(${quoteBytes([`${name}: `, ...value], 'latin1')})"`
}

function isPlain(parts: readonly Part[]): boolean {
  return parts.every(part => typeof part !== 'string' || !/[\p{C}\p{Zl}\p{Zp}]/u.test(part))
}
