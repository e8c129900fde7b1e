/**
 * Responses of public APIs, in the form of GitHub's, Stripe's, Shopify's, OpenAI's, Slack's, AWS's and others', with made-up
 * ids, hashes, cursors, entity tags and signed-off words: some 300 kB, the same each time. None holds a secret.
 */

const LOWER = 'abcdefghijklmnopqrstuvwxyz'
const DIGITS = '0123456789'
const HEX = `${DIGITS}abcdef`
const ALPHANUMERIC = LOWER + LOWER.toUpperCase() + DIGITS
const WORDS =
  'order customer delivery warehouse invoice Berlin summer teapot kettle blue small refund parcel garden window letter basic token password session secret pass key code pin cookie signature card'.split(
    ' ',
  )

class Source {
  #state: number

  constructor(seed: number) {
    this.#state = seed
  }

  /** A whole number from 0 to `below`, without it. */
  number(below: number): number {
    // Mulberry32.
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }

  of(characters: string, length: number): string {
    return Array.from({ length }, () => characters.charAt(this.number(characters.length))).join('')
  }

  pick<Value>(values: readonly Value[]): Value {
    const value = values[this.number(values.length)]
    if (value === undefined) throw new RangeError('Nothing to pick from.')
    return value
  }

  hex = (length: number): string => this.of(HEX, length)
  id = (prefix: string, length = 24): string => prefix + this.of(ALPHANUMERIC, length)
  digits = (length: number): string => `${1 + this.number(9)}${this.of(DIGITS, length - 1)}`
  uuid = (): string => `${this.hex(8)}-${this.hex(4)}-4${this.hex(3)}-a${this.hex(3)}-${this.hex(12)}`
  words = (count: number): string => Array.from({ length: count }, () => this.pick(WORDS)).join(' ')
  base64 = (bytes: number): string =>
    Buffer.from(Array.from({ length: bytes }, () => this.number(256))).toString('base64')
  date = (): string => new Date(1_700_000_000_000 + this.number(9e10)).toISOString()
  seconds = (): number => 1_700_000_000 + this.number(9e7)
}

const github = (one: Source): unknown => {
  const login = one.of(LOWER, 8)
  const id = one.number(9e8)
  const repository = `https://api.github.com/repos/${login}/${one.pick(WORDS)}`
  return {
    id,
    node_id: Buffer.from(`010:Repository${id}`).toString('base64'),
    full_name: `${login}/${one.pick(WORDS)}`,
    owner: {
      login,
      node_id: Buffer.from(`04:User${id}`).toString('base64'),
      avatar_url: `https://avatars.githubusercontent.com/u/${id}?v=4`,
      gravatar_id: '',
      gists_url: `https://api.github.com/users/${login}/gists{/gist_id}`,
      site_admin: false,
    },
    commits_url: `${repository}/commits{/sha}`,
    compare_url: `${repository}/compare/{base}...{head}`,
    ssh_url: `git@github.com:${login}/x.git`,
    clone_url: `https://github.com/${login}/x.git`,
    description: one.words(12),
    license: { key: 'mit', name: 'MIT License', spdx_id: 'MIT', node_id: 'MDc6TGljZW5zZW1pdA==' },
    pushed_at: one.date(),
    topics: [one.pick(WORDS), one.pick(WORDS)],
    permissions: { admin: false, push: false, pull: true },
    commit: {
      sha: one.hex(40),
      message: `Fix ${one.words(4)}\n\nCo-authored-by: Ada <ada@example.com>\nSigned-off-by: Bo <bo@example.com>`,
      tree: { sha: one.hex(40), url: `${repository}/git/trees/${one.hex(40)}` },
      verification: { verified: false, reason: 'unsigned', signature: null, payload: null },
      parents: [{ sha: one.hex(40), html_url: `https://github.com/${login}/x/commit/${one.hex(40)}` }],
    },
    files: [
      {
        filename: 'src/token.ts',
        patch: `@@ -1,3 +1,4 @@ export function parse()\n-  return ${one.pick(WORDS)}\n+  return null`,
      },
    ],
  }
}

const stripe = (one: Source): unknown => ({
  object: 'list',
  url: '/v1/charges',
  has_more: true,
  data: Array.from({ length: 2 }, () => ({
    id: one.id('ch_3'),
    object: 'charge',
    amount: one.number(1e6),
    balance_transaction: one.id('txn_3'),
    billing_details: { address: { city: null, postal_code: one.digits(5) }, email: 'ada@example.com', phone: null },
    calculated_statement_descriptor: 'Stripe',
    created: one.seconds(),
    currency: 'eur',
    customer: one.id('cus_', 14),
    invoice: one.id('in_1'),
    livemode: false,
    outcome: {
      network_status: 'approved_by_network',
      reason: null,
      risk_level: 'normal',
      seller_message: 'Payment complete.',
    },
    payment_intent: one.id('pi_3'),
    payment_method: one.id('pm_1'),
    payment_method_details: {
      card: {
        brand: 'visa',
        checks: { address_line1_check: null, cvc_check: 'pass' },
        exp_month: 8,
        fingerprint: one.of(ALPHANUMERIC, 16),
        last4: '4242',
        network: 'visa',
        three_d_secure: null,
        wallet: null,
      },
      type: 'card',
    },
    receipt_url: `https://pay.stripe.com/receipts/payment/${one.of(ALPHANUMERIC, 80)}`,
    status: 'succeeded',
    metadata: { order_id: one.digits(10), note: one.words(5) },
  })),
  request: { id: one.id('req_', 14), idempotency_key: one.uuid() },
})

const shopify = (one: Source): unknown => ({
  order: {
    id: Number(one.digits(13)),
    admin_graphql_api_id: `gid://shopify/Order/${one.digits(13)}`,
    app_id: 580111,
    browser_ip: '203.0.113.7',
    cancel_reason: null,
    checkout_id: Number(one.digits(14)),
    confirmation_number: one.of('ABCDEFGHJKLMNPQRSTUVWXYZ123456789', 9),
    created_at: one.date(),
    current_total_price_set: { shop_money: { amount: '199.65', currency_code: 'USD' } },
    financial_status: 'paid',
    landing_site: '/products/teapot?variant=1&utm_source=newsletter',
    line_items: Array.from({ length: 3 }, () => ({
      id: Number(one.digits(14)),
      sku: `${one.of(LOWER.toUpperCase(), 3)}-${one.digits(4)}-${one.pick(WORDS)}`,
      title: one.words(4),
      price: '12.30',
      properties: [{ name: 'Engraving', value: one.words(2) }],
      tax_lines: [{ title: 'VAT', rate: 0.19 }],
    })),
    note_attributes: [{ name: 'Gift', value: 'yes' }],
    payment_gateway_names: ['shopify_payments', 'gift_card'],
    shipping_address: { first_name: 'Ada', phone: '+49 30 123456', zip: one.digits(5), country_code: 'DE' },
    tags: one.words(3).replaceAll(' ', ', '),
  },
})

const openai = (one: Source): unknown => ({
  id: one.id('chatcmpl-', 29),
  object: 'chat.completion',
  created: one.seconds(),
  model: 'gpt-4o-mini-2024-07-18',
  choices: [
    {
      index: 0,
      message: {
        role: 'assistant',
        content: `To reset a password, ${one.words(20)}. Use the Bearer scheme; each token has a secret part: ask your team.\n\n\`\`\`ts\nconst token = await read()\n\`\`\``,
        tool_calls: [
          {
            id: one.id('call_'),
            type: 'function',
            function: { name: 'find', arguments: JSON.stringify({ query: one.words(3), limit: 5 }) },
          },
        ],
        refusal: null,
      },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage: {
    prompt_tokens: one.number(999),
    completion_tokens: one.number(999),
    total_tokens: one.number(999),
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, accepted_prediction_tokens: 0 },
  },
  system_fingerprint: `fp_${one.hex(10)}`,
  embedding: Array.from({ length: 20 }, () => one.number(2e9) / 1e9 - 1),
})

const slack = (one: Source): unknown => ({
  ok: true,
  channel: `C${one.of(LOWER.toUpperCase() + DIGITS, 10)}`,
  ts: `${one.seconds()}.${one.of(DIGITS, 6)}`,
  messages: Array.from({ length: 3 }, () => ({
    type: 'message',
    user: `U${one.of(LOWER.toUpperCase() + DIGITS, 10)}`,
    text: `<@U012AB3CD> ${one.words(9)} <https://shop.example/orders/${one.digits(6)}|order>`,
    client_msg_id: one.uuid(),
    blocks: [
      { type: 'rich_text', block_id: one.of(ALPHANUMERIC, 5), elements: [{ type: 'text', text: one.words(6) }] },
    ],
    user_profile: {
      avatar_hash: `g${one.hex(11)}`,
      image_72: `https://a.slack-edge.com/${one.hex(5)}/img/avatars/${one.number(20)}.png`,
    },
  })),
  response_metadata: {
    next_cursor: Buffer.from(`user:W${one.of(LOWER.toUpperCase() + DIGITS, 8)}`).toString('base64'),
  },
})

const aws = (one: Source): unknown => ({
  Contents: Array.from({ length: 3 }, () => ({
    Key: `invoices/2026/${one.digits(8)}.pdf`,
    ETag: `"${one.hex(32)}"`,
    Size: one.number(1e6),
    StorageClass: 'STANDARD',
    ChecksumSHA256: one.base64(32),
  })),
  IsTruncated: true,
  KeyCount: 3,
  NextContinuationToken: one.base64(48),
  Functions: [
    {
      FunctionName: one.words(2).replaceAll(' ', '-'),
      FunctionArn: `arn:aws:lambda:eu-central-1:${one.digits(12)}:function:orders`,
      Role: `arn:aws:iam::${one.digits(12)}:role/service-role/orders`,
      CodeSha256: one.base64(32),
      RevisionId: one.uuid(),
      Environment: { Variables: { STAGE: 'production', LOG_LEVEL: 'info' } },
      KMSKeyArn: `arn:aws:kms:eu-central-1:${one.digits(12)}:key/${one.uuid()}`,
    },
  ],
  Items: [{ pk: { S: `ORDER#${one.digits(8)}` }, sk: { S: one.date() }, total: { N: '12.3' } }],
  MessageId: one.uuid(),
  MD5OfMessageBody: one.hex(32),
  RoleId: `AROA${one.of('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 17)}`,
  ResponseMetadata: {
    RequestId: one.uuid(),
    HTTPHeaders: { 'x-amzn-requestid': one.uuid(), 'x-amz-id-2': one.base64(57), etag: `W/"${one.hex(40)}"` },
  },
})

/** Registries, clusters, clouds and a GraphQL connection. */
const others = (one: Source): unknown => ({
  npm: {
    _id: 'hono@4.13.19',
    dist: {
      shasum: one.hex(40),
      integrity: `sha512-${one.base64(64)}`,
      signatures: [],
      tarball: 'https://registry.npmjs.org/hono/-/hono-4.13.19.tgz',
    },
  },
  docker: {
    schemaVersion: 2,
    config: { digest: `sha256:${one.hex(64)}` },
    layers: [{ digest: `sha256:${one.hex(64)}`, size: one.number(1e9) }],
  },
  kubernetes: {
    kind: 'PodList',
    metadata: { resourceVersion: one.digits(8), continue: one.base64(60) },
    items: [
      {
        metadata: { uid: one.uuid(), labels: { 'pod-template-hash': one.of('bcdfghjklmnpqrstvwxz2456789', 10) } },
        status: { podIP: '10.1.2.3', qosClass: 'Burstable' },
      },
    ],
  },
  cloudflare: {
    result: [{ id: one.hex(32), zone_id: one.hex(32), name: 'shop.example', meta: { auto_added: false } }],
    success: true,
    errors: [],
    cf_ray: `${one.hex(16)}-FRA`,
  },
  vercel: {
    uid: one.id('dpl_'),
    url: `shop-${one.of(LOWER + DIGITS, 9)}.vercel.app`,
    meta: { githubCommitSha: one.hex(40), githubCommitMessage: one.words(6) },
    readyState: 'READY',
  },
  graphql: {
    data: {
      orders: {
        edges: [
          {
            cursor: Buffer.from(`arrayconnection:${one.number(999)}`).toString('base64'),
            node: { id: Buffer.from(`Order:${one.digits(6)}`).toString('base64') },
          },
        ],
        pageInfo: { endCursor: one.base64(30), hasNextPage: true },
      },
    },
  },
  google: {
    kind: 'drive#fileList',
    nextPageToken: `~!!~${one.base64(60)}`,
    files: [
      {
        id: one.id('1', 32),
        md5Checksum: one.hex(32),
        webViewLink: `https://drive.google.com/file/d/${one.id('1', 32)}/view?usp=drivesdk`,
      },
    ],
  },
  problem: {
    type: 'https://shop.example/problems/invalid-token',
    title: 'Invalid token',
    status: 401,
    detail: `The access token expired: ${one.words(6)}`,
    instance: `/orders/${one.uuid()}`,
    'invalid-params': [{ name: 'password', reason: 'must have 8 characters' }],
  },
  weather: { latitude: 52.52, longitude: 13.41, hourly: { time: [one.date()], temperature_2m: [one.number(40)] } },
  validation: {
    issues: [
      {
        code: 'invalid_type',
        expected: 'string',
        received: 'undefined',
        path: ['body', 'password'],
        message: 'Required',
      },
    ],
  },
})

const KINDS: Readonly<Record<string, (one: Source) => unknown>> = {
  github,
  stripe,
  shopify,
  openai,
  slack,
  aws,
  others,
}

/** JSON texts, each with the service that it is like. */
export function apiResponses(rounds = 30): { service: string; json: string }[] {
  return Array.from({ length: rounds }, (_, round) => new Source(round + 1)).flatMap(one =>
    Object.entries(KINDS).map(([service, write]) => ({ service, json: JSON.stringify(write(one)) })),
  )
}
