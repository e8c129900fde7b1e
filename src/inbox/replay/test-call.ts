/** How a test calls the handler of an event: the lines of it that give a response, or none. */
import { MASKED } from '../../mask/text.ts'
import { read } from '../../safe-read.ts'
import type { JsonValue, ReplayStackEvent } from '../../types.ts'
import { writeComment, writeJson, writeParts, writeString } from './code-text.ts'
import { isOfLambda, lambdaEvent, lambdaOptions } from './lambda-call.ts'
import { isJsonObject } from './payload-kind.ts'
import { createTemplate, type Placeholder, type RequestTemplate } from './placeholders.ts'
import type { KeptEvent } from './test-file.ts'

/** A call of the application. */
export interface Call {
  title: string
  /** What of the `testing` entry is used. */
  uses: string[]
  lines: string[]
  variables: string[]
  notes: string[]
  /** Whether it ends with a response, to be expected. */
  hasResponse: boolean
  /** What is imported. */
  imported: 'app' | 'worker' | '{ handler }'
}

/** How a test calls an application. */
export interface Caller {
  /** In a harness, or as a function of its own. */
  isHarness: boolean
  /** What a Worker gets as its `env`, where it has one: source. */
  env?: string | undefined
}

/** The functions that call an application, and the methods of a harnessed Worker that do the same. */
const METHODS = { requestApp: 'request', runScheduled: 'scheduled', runQueue: 'queue', runEmail: 'email' } as const

export function writeCall(kept: KeptEvent, caller: Caller): Call | { refusal: string } {
  const { event } = kept
  const { eventType, endpoint = '', metadata, requestPayload } = event
  const isLambda = isOfLambda(event)
  const given = (
    title: string,
    uses: string[],
    line: string,
    imported: Call['imported'],
    notes: string[] = [],
  ): Call => ({ title, uses, lines: [`  await ${line}`], variables: [], notes, hasResponse: false, imported })
  const workerCall = (name: keyof typeof METHODS, title: string, args: string[], notes?: string[]): Call => {
    const { uses, line } = writeWorkerCall(name, 'worker', args, caller)
    return given(title, uses, line, 'worker', notes)
  }
  if (isLambda && caller.isHarness) return { refusal: 'A harness runs a Worker, and this is an event of AWS Lambda.' }
  if (event.method) return writeRequestCall(event, isLambda, caller)
  if (isLambda) {
    const payload = lambdaEvent(event)
    if (payload === undefined)
      return { refusal: `The event of this function was not captured, so it cannot be kept as a test.` }
    const line = `invokeLambda(handler, ${writeJson(payload, 2, writeString)})`
    const title = [eventType === 'custom' ? '' : eventType, endpoint || 'event'].join(' ').trim()
    return given(title, ['invokeLambda'], line, '{ handler }')
  }
  if (eventType === 'cron' && endpoint !== 'alarm') {
    const time = read(metadata, 'scheduledTime')
    const scheduled = typeof time === 'string' ? time : kept.receivedAt
    return workerCall('runScheduled', `cron ${endpoint}`, [writeString(endpoint), writeString(scheduled)])
  }
  if (eventType === 'queue') {
    const messages = isJsonObject(requestPayload) ? requestPayload['messages'] : undefined
    if (!Array.isArray(messages))
      return { refusal: 'The messages were not captured whole, so the event cannot be kept as a test.' }
    const notes = JSON.stringify(messages).includes(MASKED) ? ['The messages have masked values: [MASKED].'] : []
    const args = [writeString(endpoint), writeJson(messages, 2, writeString)]
    return workerCall('runQueue', `queue ${endpoint}`, args, notes)
  }
  if (endpoint === 'email') {
    const addresses = [read(metadata, 'from'), read(metadata, 'to')].map(address => writeString(String(address)))
    const notes = ['The text and the headers of the mail were not captured.']
    return workerCall('runEmail', 'email', addresses, notes)
  }
  return {
    refusal: `This is ${/^[aeiou]/.test(eventType) ? 'an' : 'a'} ${eventType} event without a handler that a test can call.`,
  }
}

/** @param subject the application, as the test imports it */
function writeWorkerCall(
  name: keyof typeof METHODS,
  subject: string,
  args: readonly string[],
  { isHarness, env }: Caller,
): { uses: string[]; line: string } {
  if (isHarness) return { uses: [], line: `worker.${METHODS[name]}(${args.join(', ')})` }
  return { uses: [name], line: `${name}(${[subject, ...args, ...(env ? [env] : [])].join(', ')})` }
}

function writeRequestCall(event: ReplayStackEvent, isLambda: boolean, caller: Caller): Call | { refusal: string } {
  if (isLambda && event.eventType === 'custom') {
    return { refusal: 'This function authorizes requests, and what it was called with was not captured whole.' }
  }
  if (isLambda && String(read(event.metadata, 'trigger') ?? '').endsWith('-response')) {
    return { refusal: 'The response that CloudFront had was not captured, so the event cannot be kept as a test.' }
  }
  const template = createTemplate(event)
  if ('refusal' in template) return template
  const { method, path, body } = template.request
  if (!isLambda && body !== undefined && (method === 'GET' || method === 'HEAD')) {
    return { refusal: `fetch sends no body with ${method}, so the event cannot be kept as a test.` }
  }
  const variables = template.placeholders.map(({ variable }) => variable)
  const { options, notes } = isLambda ? lambdaOptions(event, path) : { options: undefined, notes: [] }
  const optionsText = options === undefined ? '' : `, ${writeJson(options, 2, writeString)}`
  const { uses, line } = isLambda
    ? { uses: ['requestLambda'], line: `requestLambda(handler, request${optionsText})` }
    : writeWorkerCall('requestApp', 'app', ['request'], caller)
  return {
    title: `${method} ${event.endpoint ?? path.replace(/\?.*$/s, '')}`,
    uses: [...uses, ...(variables.length > 0 ? ['maskedValue'] : [])],
    lines: [
      ...template.placeholders.map(
        ({ variable, name }) => `  const ${variable} = maskedValue(${writeString(variable)}) // ${writeComment(name)}`,
      ),
      `  const request = ${writeRequest(template, originOf(event))}`,
      `  const response = await ${line}`,
    ],
    variables,
    notes: [...template.notes, ...notes],
    hasResponse: true,
    imported: isLambda ? '{ handler }' : 'app',
  }
}

/** An application may route by its host. */
function originOf({ requestUrl = '' }: ReplayStackEvent): string {
  const origin = URL.canParse(requestUrl) ? new URL(requestUrl).origin : ''
  return /^https?:/.test(origin) ? origin : 'http://localhost'
}

function writeRequest(template: RequestTemplate, origin: string): string {
  const encode = ({ variable }: Placeholder): string => `encodeURIComponent(${variable})`
  const url = `url: ${writeParts(template.split(origin + template.request.path), encode)}`
  // TypeScript would take a list of lists for something else.
  const members = [url, ...writeRequestMembers(template, 4, pairs => `${pairs} as [string, string][]`)]
  return `{\n${members.map(member => `    ${member},\n`).join('')}  }`
}

/** Method, headers and body as members of an object, in lines that are indented by `indent` spaces but for the first. */
export function writeRequestMembers(
  { request, split }: RequestTemplate,
  indent: number,
  writePairs: (pairs: string) => string = pairs => pairs,
): string[] {
  const { method, headers, body } = request
  const writeText = (text: string) => writeParts(split(text), ({ variable }) => variable)
  return [
    `method: ${writeString(method)}`,
    ...(headers.length > 0 ? [`headers: ${writeHeaders(headers, writeText, indent, writePairs)}`] : []),
    ...(body === undefined ? [] : [`body: ${writeBody(body, writeText, indent)}`]),
  ]
}

/** As pairs where a name repeats. */
function writeHeaders(
  headers: readonly [string, string][],
  writeText: (text: string) => string,
  indent: number,
  writePairs: (pairs: string) => string,
): string {
  const nested = nestHeaders(headers)
  const text = writeJson(nested, indent, writeText)
  return Array.isArray(nested) ? writePairs(text) : text
}

function nestHeaders(headers: readonly [string, string][]): JsonValue {
  return new Set(headers.map(([name]) => name)).size === headers.length ? Object.fromEntries(headers) : headers
}

/** As the value it says, where that gives the same text. */
function writeBody(body: string, writeText: (text: string) => string, indent: number): string {
  const value = parseJson(body)
  if (typeof value === 'object' && value !== null && JSON.stringify(value) === body) {
    return `JSON.stringify(${writeJson(value, indent, writeText)})`
  }
  const fields = new URLSearchParams(body)
  if (body.includes('=') && fields.toString() === body) {
    return `new URLSearchParams(${writeJson([...fields], indent, writeText)}).toString()`
  }
  return writeText(body)
}

function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
