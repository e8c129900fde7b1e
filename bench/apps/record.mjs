/** An event with what ReplayStack's has: both bodies, both maps of headers. Nothing is masked or bounded. */
export async function recordOf(c, started) {
  const executionTimeMs = Date.now() - started
  const response = c.res.clone()
  const [requestPayload, responsePayload] = await Promise.all([c.req.json(), response.json()])
  return {
    traceId: crypto.randomUUID(),
    eventType: 'api',
    method: c.req.method,
    endpoint: c.req.path,
    requestUrl: c.req.url,
    requestHeaders: c.req.header(),
    requestPayload,
    responseHeaders: Object.fromEntries(response.headers),
    responsePayload,
    status: 'success',
    statusCode: response.status,
    executionTimeMs,
  }
}
