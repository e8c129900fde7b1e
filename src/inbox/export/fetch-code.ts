import type { ReplayStackEvent } from '../../types.ts'
import { DEFAULT_ORIGIN } from '../curl.ts'
import { readTarget } from '../replay/captured-target.ts'
import { writeComment, writeParts } from '../replay/code-text.ts'
import { createTemplate, type Placeholder } from '../replay/placeholders.ts'
import { writeRequestMembers } from '../replay/test-call.ts'

/** JavaScript that sends an event's request to where it went. What was masked is a constant, to be given its value. */
export function fetchCode(event: ReplayStackEvent): { code: string } | { refusal: string } {
  const template = createTemplate(event)
  if ('refusal' in template) return template
  const { request, split, placeholders } = template
  if (request.body !== undefined && (request.method === 'GET' || request.method === 'HEAD')) {
    return { refusal: `fetch sends no body with ${request.method}.` }
  }
  const { origin = DEFAULT_ORIGIN } = readTarget(event, [])
  const encode = ({ variable }: Placeholder): string => `encodeURIComponent(${variable})`
  const constants = placeholders.map(
    ({ variable, name, reason }) => `const ${variable} = '' // ${writeComment(`${name}: ${reason}`)}`,
  )
  const lines = [
    ...constants,
    `const response = await fetch(${writeParts(split(origin + request.path), encode)}, {`,
    ...writeRequestMembers(template, 2).map(member => `  ${member},`),
    "  redirect: 'manual',",
    '})',
    'console.log(response.status, await response.text())',
  ]
  return { code: lines.join('\n') }
}
