import { expect, it } from 'vitest'
import { bodyKind } from '../../src/body/payload.ts'

it.each([
  ['application/json', 'json'],
  ['application/json; charset=utf-8', 'json'],
  ['APPLICATION/JSON', 'json'],
  ['application/problem+json', 'json'],
  ['application/vnd.api+json;v=1', 'json'],
  ['text/json', 'json'],
  ['application/csp-report', 'json'],
  ['application/x-www-form-urlencoded', 'form'],
  ['multipart/form-data; boundary=x', 'multipart'],
  ['multipart/mixed', 'multipart'],
  ['text/plain', 'text'],
  ['text/html;charset=UTF-8', 'text'],
  ['application/xml', 'text'],
  ['application/atom+xml', 'text'],
  ['application/graphql', 'text'],
  ['image/svg+xml', 'text'],
  ['text/event-stream', 'stream'],
  ['text/event-stream; charset=utf-8', 'stream'],
  ['application/x-ndjson', 'stream'],
  ['application/jsonl', 'stream'],
  ['multipart/x-mixed-replace; boundary=x', 'stream'],
  ['application/octet-stream', 'binary'],
  ['image/png', 'binary'],
  ['application/jsonx', 'binary'],
  ['', 'unknown'],
  ['; charset=utf-8', 'unknown'],
])('%o is %s', (contentType, kind) => {
  expect(bodyKind(contentType)).toBe(kind)
})
