/** What kind of body a content type announces, which decides how it is recorded. */
export type BodyKind = 'json' | 'form' | 'multipart' | 'text' | 'stream' | 'binary' | 'unknown'

const KINDS: readonly (readonly [pattern: RegExp, kind: BodyKind])[] = [
  [
    /^(text\/event-stream|application\/([\w.+-]*ndjson|jsonl|stream\+json|json-seq)|multipart\/x-mixed-replace)$/,
    'stream',
  ],
  [/^(application|text)\/([\w.+-]*\+)?json$|^application\/csp-report$/, 'json'],
  [/^application\/x-www-form-urlencoded$/, 'form'],
  [/^multipart\//, 'multipart'],
  [/^text\/|^application\/([\w.+-]*\+)?(xml|graphql|javascript|yaml|toml|sql)$|^image\/svg\+xml$/, 'text'],
]

/** The kind of a body with this `content-type`. Without one it is `unknown`: what it is, its bytes tell. */
export function bodyKind(contentType: string): BodyKind {
  const [first = ''] = contentType.split(';', 1)
  const type = first.trim().toLowerCase()
  if (type === '') return 'unknown'
  for (const [pattern, kind] of KINDS) if (pattern.test(type)) return kind
  return 'binary'
}
