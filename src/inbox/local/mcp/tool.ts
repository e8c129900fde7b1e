import type { JsonValue } from '../../../types.ts'
import { InboxError } from '../../inbox-error.ts'
import type { JsonObject } from '../../replay/payload-kind.ts'

/** What a tool works with. */
export interface ToolContext {
  /** The inbox's URL. */
  inbox: string
  /** Ends what goes on when the client is gone. */
  signal: AbortSignal
}

/** One argument of a tool, in the words of JSON Schema. */
export interface ToolArgument {
  type: 'string' | 'integer' | 'boolean' | 'object'
  description: string
  /** The texts that it may be, where there are no others; empty is as if it were not given. */
  enum?: readonly string[]
  maxLength?: number
  minimum?: number
  maximum?: number
}

/** A tool that an agent may call. */
export interface Tool {
  name: string
  title: string
  description: string
  arguments: Readonly<Record<string, ToolArgument>>
  required: readonly string[]
  /** Whether it changes nothing: neither a file, nor what a server does. */
  isReadOnly: boolean
  /** @throws InboxError in one line */
  run(given: JsonObject, context: ToolContext): Promise<string>
}

/**
 * Holds what an agent gave against a tool's arguments.
 *
 * @throws InboxError naming the argument, and what it may be
 */
export function checkArguments(tool: Tool, given: JsonObject): void {
  for (const name of tool.required) if (given[name] === undefined) throw new InboxError(`${name} is missing`)
  for (const [name, value] of Object.entries(given)) {
    const argument = Object.hasOwn(tool.arguments, name) ? tool.arguments[name] : undefined
    if (!argument) throw new InboxError(`${tool.name} has no argument ${name}`)
    const problem = describeProblem(argument, value)
    if (problem !== undefined) throw new InboxError(`${name} ${problem}`)
  }
}

function describeProblem(
  { type, enum: allowed, maxLength = 4_000, minimum, maximum }: ToolArgument,
  value: JsonValue,
): string | undefined {
  if (type === 'integer') {
    const isWithin =
      Number.isInteger(value) && Number(value) >= (minimum ?? 0) && Number(value) <= (maximum ?? Infinity)
    return isWithin ? undefined : `must be an integer from ${minimum ?? 0} to ${maximum ?? 'any'}`
  }
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  if (type === 'object' ? !isObject : typeof value !== type) return `must be ${type === 'object' ? 'an' : 'a'} ${type}`
  if (allowed && value !== '' && !allowed.some(text => text === value)) return `must be one of ${allowed.join(', ')}`
  return typeof value === 'string' && value.length > maxLength ? `must be at most ${maxLength} characters` : undefined
}

/** A text argument; empty is as if it were not given. */
export function readText(given: JsonObject, name: string): string | undefined {
  const value = given[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** An object of texts. @throws InboxError */
export function readTexts(given: JsonObject, name: string): Record<string, string> {
  const value = given[name]
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {}
  return Object.fromEntries(
    Object.entries(value).map(([key, text]): [string, string] => {
      if (typeof text !== 'string') throw new InboxError(`${name}.${key} must be a string`)
      return [key, text]
    }),
  )
}
