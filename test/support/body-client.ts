import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'

/** A request on a connection of its own; a POST where there are headers. Nothing of it is sent before it is written. */
export function openRequest(url: string, headers: Record<string, string | number> = {}) {
  const method = Object.keys(headers).length > 0 ? 'POST' : 'GET'
  const request = httpRequest(url, { agent: false, method, headers })
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve)
    request.once('error', reject)
  })
  return { request, answered }
}

/** Resets the connection, as a client that leaves: workerd does not notice a mere end. */
export function leave(request: ClientRequest): void {
  request.on('error', () => {})
  request.socket?.resetAndDestroy()
}

/** What of an answer's head must be as it was. */
export function headOf({ statusCode, headers }: IncomingMessage): object {
  const { 'x-trace-id': _, date, ...others } = headers
  return { statusCode, headers: others }
}

export async function textOf(answer: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of answer.setEncoding('utf8')) text += chunk
  return text
}
