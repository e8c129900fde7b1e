import type { ReplayStackEvent } from '../../src/types.ts'
import type { PlantedSecrets, Secret } from './secrets.ts'

/** One piece of traffic, and the event that must come of it. */
export interface Traffic {
  /** What it is, in a few words. */
  name: string
  method: string
  /** With its query. */
  path: string
  headers?: Record<string, string>
  body?: unknown
  /** The status of the answer. */
  answers: number
  /** Secrets in the answer, which are the Worker's own. */
  secretsOf?: (response: Response, text: string) => Secret[]
  /** Fields of the event. */
  event: Partial<ReplayStackEvent>
  /** Breadcrumbs that the event must have, in this order. */
  breadcrumbs?: readonly string[]
  /** Another event that comes of it, when its answer has gone. */
  follows?: { name: string; event: Partial<ReplayStackEvent>; breadcrumbs?: readonly string[] }
}

/** The cron expression of `wrangler.toml`. */
const CRON = '0 3 * * *'

/** What is sent, in this order. `note` is a text that nothing marks as a secret. */
export function createTraffic(secrets: PlantedSecrets, note: string | undefined): Traffic[] {
  const order = { eventType: 'api', method: 'POST', endpoint: '/orders' } as const
  return [
    {
      name: 'an order that succeeds',
      method: 'POST',
      path: '/orders',
      body: {
        sku: 'teapot',
        quantity: 2,
        cardNumber: secrets.card,
        taxNumber: secrets.taxNumber,
        ...(note === undefined ? {} : { note }),
      },
      answers: 201,
      event: { ...order, status: 'success', statusCode: 201 },
      breadcrumbs: ['Charging card', 'Gateway answered charge_1'],
      follows: {
        name: 'its parcel',
        event: { eventType: 'queue', endpoint: 'shop-parcels', status: 'success' },
        breadcrumbs: ['Shipped 2 × teapot'],
      },
    },
    {
      name: 'an order that is refused',
      method: 'POST',
      path: '/orders',
      body: { sku: 'teapot', quantity: 0, cardNumber: secrets.card },
      answers: 422,
      event: { ...order, status: 'warning', statusCode: 422 },
    },
    {
      name: 'an order that throws',
      method: 'POST',
      path: '/orders',
      body: { sku: 'samovar', quantity: 1, cardNumber: secrets.declinedCard },
      answers: 500,
      event: { ...order, status: 'failed', statusCode: 500, errorName: 'TypeError' },
      breadcrumbs: ['Stock found: 1 × samovar', 'Charging card', 'Gateway answered declined'],
    },
    {
      name: 'a login',
      method: 'POST',
      path: '/login',
      headers: { authorization: `Bearer ${secrets.bearerToken}` },
      body: { email: 'ada@example.com', password: secrets.password },
      answers: 200,
      secretsOf: readLoginSecrets,
      event: { eventType: 'api', method: 'POST', endpoint: '/login', statusCode: 200, authMode: 'bearer' },
    },
    {
      name: 'a streaming response',
      method: 'GET',
      path: `/stream?order=1&access_token=${secrets.queryToken}`,
      headers: { cookie: `session=${secrets.sessionCookie}` },
      answers: 200,
      event: { eventType: 'api', method: 'GET', endpoint: '/stream', statusCode: 200, authMode: 'cookie' },
    },
    {
      name: 'a cron run',
      method: 'GET',
      path: `/cdn-cgi/handler/scheduled?cron=${encodeURIComponent(CRON)}`,
      answers: 200,
      event: { eventType: 'cron', endpoint: CRON, status: 'success' },
      breadcrumbs: ['Stock counted'],
    },
  ]
}

function readLoginSecrets(response: Response, text: string): Secret[] {
  const { accessToken }: { accessToken: string } = JSON.parse(text)
  const session = /session=([^;]+)/.exec(response.headers.get('set-cookie') ?? '')?.[1] ?? ''
  return [
    { what: "the access token in the login's answer", value: accessToken },
    { what: "the session cookie in the login's answer", value: session },
  ]
}

/** What {@link createTraffic} carries. */
export function listSecrets(secrets: PlantedSecrets, note: string | undefined): Secret[] {
  return [
    { what: 'the ReplayStack API key', value: secrets.apiKey },
    { what: "the login's password", value: secrets.password },
    { what: "the login's bearer token", value: secrets.bearerToken },
    { what: "the stream's session cookie", value: secrets.sessionCookie },
    { what: "the access token in the stream's address", value: secrets.queryToken },
    { what: 'the card number of the order that succeeds', value: secrets.card },
    { what: 'the card number of the order that throws', value: secrets.declinedCard },
    { what: 'the tax number, which maskFields names', value: secrets.taxNumber },
    ...(note === undefined ? [] : [{ what: 'the text of --plant', value: note }]),
  ]
}
