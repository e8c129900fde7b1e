/** Sends a message to a webhook, signed as Standard Webhooks has it. @see https://www.standardwebhooks.com */

const TIMEOUT_MS = 10_000
const SECRET_BYTES = 24
const SECRET_PREFIX = 'whsec_'

export interface WebhookMessage {
  /** The same for each time that it is sent. */
  id: string
  url: string
  secret: string
  body: string
}

export function createSigningSecret(): string {
  return SECRET_PREFIX + encodeBase64(crypto.getRandomValues(new Uint8Array(SECRET_BYTES)))
}

/** @returns why it was not taken, or `undefined`. Nothing of an address is in it. */
export async function sendWebhook({ id, url, secret, body }: WebhookMessage): Promise<string | undefined> {
  const timestamp = String(Math.floor(Date.now() / 1000))
  try {
    const response = await fetch(url, {
      method: 'POST',
      body,
      // What it leads to was not what somebody has named.
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: {
        'content-type': 'application/json',
        'user-agent': 'ReplayStack-Inbox',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${await sign(secret, `${id}.${timestamp}.${body}`)}`,
      },
    })
    await response.body?.cancel()
    return response.ok ? undefined : `The webhook responded ${response.status}`
  } catch (error) {
    const isTimeout = error instanceof Error && error.name === 'TimeoutError'
    return isTimeout
      ? `The webhook did not respond within ${TIMEOUT_MS / 1000} seconds`
      : 'The webhook cannot be reached'
  }
}

async function sign(secret: string, text: string): Promise<string> {
  const bytes = Uint8Array.from(atob(secret.slice(SECRET_PREFIX.length)), character => character.charCodeAt(0))
  const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  return encodeBase64(new Uint8Array(await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(text))))
}

function encodeBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
}
