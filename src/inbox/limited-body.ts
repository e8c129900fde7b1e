import { InvalidInputError } from './invalid-input.ts'
import { isJsonObject, type JsonObject, parseJson } from './replay/payload-kind.ts'

/** A body with more bytes than are taken; it goes out as a 413. */
export class BodyTooLargeError extends InvalidInputError {
  override name = 'BodyTooLargeError'
  override readonly status = 413

  constructor(maximumBytes: number) {
    super(`body must be at most ${maximumBytes} bytes`)
  }
}

/**
 * A request's body as text, read no further than a number of bytes. Hono's own body limit rebuilds the request, which
 * throws on the Node adapter's as long as that leaves the global `Request` alone.
 *
 * @throws BodyTooLargeError; InvalidInputError when the client leaves before the end
 */
export async function readLimitedBody(request: Request, maximumBytes: number): Promise<string> {
  if (Number(request.headers.get('content-length')) > maximumBytes) throw new BodyTooLargeError(maximumBytes)
  const reader = request.body?.getReader()
  if (!reader) return ''
  const decoder = new TextDecoder()
  let text = ''
  let size = 0
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw new InvalidInputError('body ended before it was complete')
    })
    if (done) return text + decoder.decode()
    size += value.byteLength
    if (size > maximumBytes) {
      // Not awaited: what the client still sends is the server's to discard.
      reader.cancel().catch(() => {})
      throw new BodyTooLargeError(maximumBytes)
    }
    text += decoder.decode(value, { stream: true })
  }
}

/**
 * A request's body, which has to be a JSON object.
 *
 * @throws InvalidInputError for anything else, or what {@link readLimitedBody} throws
 */
export async function readJsonObject(request: Request, maximumBytes: number): Promise<JsonObject> {
  const body = parseJson(await readLimitedBody(request, maximumBytes))
  if (isJsonObject(body)) return body
  throw new InvalidInputError('body must be a JSON object')
}
