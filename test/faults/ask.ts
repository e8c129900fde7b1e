/** What a client of the application asks, and what it gets. */
import { send } from '../support/node-server.ts'
import type { Books } from './fixtures/books.ts'

/** An answer as far as it must be the same with and without the SDK. */
export interface Told {
  status: number
  headers: string[]
  body: string
}

const QUESTIONS = ['/json', '/echo', '/stream', '/broken'] as const

/** One question of the round: the same number is the same question. Its trace id is `trace-<number>`. */
export async function ask(url: string, number: number): Promise<Told> {
  const path = QUESTIONS[number % QUESTIONS.length] ?? ''
  const headers = { 'x-trace-id': traceIdOf(number), 'content-type': 'application/json' }
  const body = path === '/echo' ? { method: 'POST', body: '{"sku":"teapot"}' } : {}
  const answer = await send(Number(new URL(url).port), path, { headers, ...body })
  const lines: string[] = []
  for (let place = 0; place < answer.rawHeaders.length; place += 2) {
    const [name = '', value = ''] = answer.rawHeaders.slice(place, place + 2)
    if (!/^(x-trace-id|date)$/i.test(name)) lines.push(`${name}: ${value}`)
  }
  return { status: answer.status, headers: lines, body: answer.body.toString('base64') }
}

export const traceIdOf = (number: number): string => `trace-${number}`

/** So many questions one after the other. */
export async function askAll(url: string, from: number, to: number): Promise<Told[]> {
  const told: Told[] = []
  for (let number = from; number < to; number++) told.push(await ask(url, number))
  return told
}

/** The first so many trace ids, sorted. */
export const traceIds = (count: number): string[] => Array.from({ length: count }, (_, n) => traceIdOf(n)).sort()

/** What was given up, for all reasons together. */
export const total = (counts: Books['dropped']): number => Object.values(counts).reduce((sum, count) => sum + count, 0)
