/** What Vercel and Next.js say of a request besides the request, and what Next.js's own errors mean. */
import { markRecorded } from '../../observe/recorded-errors.ts'
import { firstOfList, read } from '../../safe-read.ts'

/** Vercel's proxy puts the client first. */
export function sourceIpOf(headers: Pick<Headers, 'get'>): string | undefined {
  return headers.get('x-real-ip') || firstOfList(headers.get('x-forwarded-for'))
}

/**
 * The status of what `redirect()`, `notFound()`, `forbidden()` and `unauthorized()` of `next/navigation` throw, by its digest;
 * nothing for an error. Either way the event has it, and `onRequestError` captures it no second time.
 */
export function answerThrown(thrown: unknown): number | undefined {
  markRecorded(thrown)
  const digest = read(thrown, 'digest')
  if (typeof digest !== 'string') return undefined
  if (digest === 'NEXT_NOT_FOUND') return 404
  const [, redirect, refusal] =
    /^(?:NEXT_REDIRECT;.*;(3\d\d);|NEXT_HTTP_ERROR_FALLBACK;([45]\d\d))$/s.exec(digest) ?? []
  return redirect || refusal ? Number(redirect ?? refusal) : undefined
}
