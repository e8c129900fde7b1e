/** Which site makes a browser send a request. */

/** Whether a page of ours does. A program that sends neither `Sec-Fetch-Site` nor `Origin` has no cookie by accident. */
export function isSameOrigin(request: Request): boolean {
  const site = request.headers.get('sec-fetch-site')
  if (site !== null) return site === 'same-origin'
  const origin = request.headers.get('origin')
  return origin === null || origin === new URL(request.url).origin
}

/**
 * Whether a page of ours does, or a person who follows a link or opens an address in a window of its own. Another site cannot read
 * what it asks for, but it could measure how long a search takes, where the cookie is one that is sent to it: that of Cloudflare
 * Access is, unless it is configured otherwise.
 *
 * @see https://xsleaks.dev/docs/defenses/isolation-policies/resource-isolation/
 */
export function isOwnRead(request: Request): boolean {
  const { headers } = request
  return (
    isSameOrigin(request) || headers.get('sec-fetch-site') === 'none' || headers.get('sec-fetch-dest') === 'document'
  )
}
