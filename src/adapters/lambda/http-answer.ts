/** What the hosts of HTTP events make of a handler's result: one table, by the form of the event. */
import { read } from '../../safe-read.ts'
import { known, messageHeaders } from './read-event.ts'

/** The status that a result names, as a number or as text. */
export function statusOf(result: unknown): number | undefined {
  const status = read(result, 'statusCode')
  const code = typeof status === 'string' ? Number(status || Number.NaN) : status
  return typeof code === 'number' && Number.isInteger(code) && code >= 100 && code <= 599 ? code : undefined
}

/** An answer's headers; its cookies are among them. */
export const answerHeaders = (result: unknown): Record<string, unknown> => messageHeaders(result, 'set-cookie')

/** What a REST API takes as an answer. */
const ANSWER_MEMBERS = ['statusCode', 'headers', 'multiValueHeaders', 'cookies', 'body', 'isBase64Encoded']

/** Whether a REST API takes a result as an answer: with any other member it is a 502. */
function isRestAnswer(result: unknown): boolean {
  const isObject = typeof result === 'object' && result !== null && !Array.isArray(result)
  return isObject && Object.keys(known(Object(result))).every(name => ANSWER_MEMBERS.includes(name))
}

/** What an HTTP event is called in the metadata of ours, by which a kept test makes one of the same form. */
export type HttpForm =
  | 'load balancer'
  | 'load balancer (multi-value headers)'
  | 'HTTP API 1.0'
  | 'REST API'
  | 'Netlify function'
  | 'function URL'
  | 'HTTP API'
  | 'VPC Lattice 1.0'
  | 'VPC Lattice'
  | 'WebSocket API'

/** How a host reads results. */
interface AnswerRules {
  /** The status that it answers by where the result names none that is one. */
  readonly statusOfOther: (result: unknown) => number | undefined
  /** Whether it refuses an answer with a member that it does not know. */
  readonly isStrict?: boolean
  /** Whether the answers are a socket's: they have no headers. */
  readonly isSocket?: boolean
}

/** Such a result is the body. */
const asBody: AnswerRules = { statusOfOther: result => (read(result, 'statusCode') === undefined ? 200 : 500) }
const always = (status: number | undefined): AnswerRules => ({ statusOfOther: () => status })

const RULES: Readonly<Record<HttpForm, AnswerRules>> = {
  'load balancer': always(502),
  'load balancer (multi-value headers)': always(502),
  'HTTP API 1.0': always(500),
  'REST API': { statusOfOther: result => (isRestAnswer(result) ? 200 : 502), isStrict: true },
  'Netlify function': always(502),
  'function URL': asBody,
  'HTTP API': asBody,
  // Nowhere is it said what their client gets then.
  'VPC Lattice 1.0': always(undefined),
  'VPC Lattice': always(undefined),
  'WebSocket API': { ...always(undefined), isSocket: true },
}

/** A result as a host reads it. */
export interface Answer {
  /** What the client gets; nothing where that is not known. */
  statusCode: number | undefined
  /** Whether the host takes the result's own headers and body for its answer. */
  isAnswer: boolean
  /** Whether headers may be added to it. */
  takesHeaders: boolean
}

/** Reads what a handler returned for an event of this form. */
export function readAnswer(result: unknown, form: HttpForm): Answer {
  const { statusOfOther, isStrict = false, isSocket = false } = RULES[form]
  const named = statusOf(result)
  if (isStrict && !isRestAnswer(result)) return { statusCode: 502, isAnswer: false, takesHeaders: false }
  const statusCode = named ?? statusOfOther(result)
  const isAnswer = statusCode !== undefined && (named !== undefined || isStrict)
  return { statusCode, isAnswer, takesHeaders: named !== undefined && !isSocket }
}
