/** What kind of body a content type announces, which decides how it is recorded. */
export type BodyKind = 'json' | 'form' | 'multipart' | 'text' | 'stream' | 'binary'

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

/** The kind of a body with this `content-type`; without one it is `binary`: nothing says that it is text. */
export function bodyKind(contentType: string | null | undefined): BodyKind {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  return KINDS.find(([pattern]) => pattern.test(type))?.[1] ?? 'binary'
}
