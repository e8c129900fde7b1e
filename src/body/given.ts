/** A body that its host has read already, or is about to. */
import { settledWithin } from './copy.ts'
import { type BodyPlan, payloadOfContent } from './payload.ts'
import { REQUEST_GRACE_MS } from './record.ts'

/**
 * What stands for a request body that its host has read: nothing of it is copied but what is kept.
 * @param given a promise of a text, an `ArrayBuffer`, a `Blob` or a `FormData`; or one of these
 */
export async function payloadOfGiven(given: unknown, plan: BodyPlan, maxBytes: number): Promise<unknown> {
  let body: unknown
  const read = async (): Promise<void> => {
    body = await given
  }
  await settledWithin(read(), REQUEST_GRACE_MS)
  const complete = body !== undefined
  if (complete && typeof body !== 'string' && !(body instanceof ArrayBuffer)) {
    const made = new Response(body instanceof FormData && plan.kind === 'form' ? formText(body) : (body as Blob))
    const contentType = made.headers.get('content-type') ?? plan.contentType
    return payloadOfGiven(made.arrayBuffer(), { ...plan, contentType }, maxBytes)
  }
  const content = typeof body === 'string' ? body : new Uint8Array(body instanceof ArrayBuffer ? body : [])
  return payloadOfContent(content, plan, maxBytes, complete)
}

/** A form without files, as it travelled. */
function formText(form: FormData): string {
  return String(new URLSearchParams(Array.from(form, ([name, value]): [string, string] => [name, String(value)])))
}
