import type { ReplayStackEvent } from '../../types.ts'
import { planReplay, type ReplayNeed, type ReplayPlan, type ReplayRequest } from './plan.ts'

/** Stands for a value that is not in the event. */
export interface Placeholder extends ReplayNeed {
  /** The name of an environment variable: `AUTHORIZATION`, `BODY_CARD_NUMBER`. Unlike any other of the event. */
  variable: string
}

/** A part of a text: itself, or a value's place. */
export type Part = string | Placeholder

/** A request in which every need has a place. */
export interface RequestTemplate {
  request: ReplayRequest
  placeholders: Placeholder[]
  notes: string[]
  /** A text of the request, or of a part of its body, as what is known of it and the places of what is not. */
  split(text: string): Part[]
}

/** What shells, Node and test runners read for themselves. */
const TAKEN =
  /^(PATH|HOME|IFS|PWD|OLDPWD|SHELL|USER|LANG|TERM|ENV|CI|TZ|APP_URL|(LC|NODE|NPM|VITEST|LD|DYLD|BASH|PS\d?)(_.*)?)$/

const MAX_VARIABLE_LENGTH = 60

/** The request of an event with a place for each value that it needs; its plan when it is refused. */
export function createTemplate(event: ReplayStackEvent): RequestTemplate | { refusal: string } {
  const plan = planReplay(event)
  if (!plan.request) return { refusal: plan.refusal ?? 'The event cannot be replayed.' }
  const marker = findUnusedMarker(plan)
  const variables = new Set<string>()
  const placeholders = plan.needs.map(need => ({ ...need, variable: nameVariable(need.name, variables) }))
  // Letters and digits alone: no encoding of URLs, forms or JSON changes them.
  const values = Object.fromEntries(placeholders.map(({ name }, index) => [name, `${marker}${index}z`]))
  const { request, needs, refusal, notes } = planReplay(event, { values })
  if (!request || needs.length > 0) return { refusal: refusal ?? 'The event cannot be replayed.' }
  const places = new RegExp(`${marker}(\\d+)z`)
  return {
    request,
    placeholders,
    notes,
    split: text =>
      text
        .split(places)
        .map((part, index) => (index % 2 === 0 ? part : (placeholders[Number(part)] ?? part)))
        .filter(part => part !== ''),
  }
}

function findUnusedMarker({ request }: ReplayPlan): string {
  const text = JSON.stringify(request)
  let marker = 'zValue'
  while (text.includes(marker)) marker = `z${marker}`
  return marker
}

function nameVariable(name: string, used: Set<string>): string {
  const plain = name
    .toUpperCase()
    .replace(/[^A-Z\d]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, MAX_VARIABLE_LENGTH)
  const base = /^[A-Z]/.test(plain) && !TAKEN.test(plain) ? plain : `VALUE_${plain}`
  let variable = base
  for (let count = 2; used.has(variable); count++) variable = `${base}_${count}`
  used.add(variable)
  return variable
}
