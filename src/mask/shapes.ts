/**
 * Tokens that services mark by a prefix or a form of their own, as one table: what may follow a prefix, how much of it at
 * least, and the prefixes. The facts are of the services' documentation and of public rule sets (gitleaks, GitHub's secret
 * scanning); docs/privacy.md lists them with their services.
 */

/** Letters for what a token is made of. Upper case here: a digit or a capital inside must be among it, or it may be words. */
const ALPHABETS: Readonly<Record<string, string>> = {
  h: '[a-fA-F\\d]',
  x: '[a-fA-F\\d-]',
  u: '[A-Z\\d]',
  a: '[A-Za-z\\d]',
  w: '[\\w-]',
  b: '[\\w+/=-]',
  d: '[\\w.=-]',
}

/** Alphabet, least length, prefixes. A `.` in a prefix is itself. */
export const PREFIXES: readonly string[] = [
  // Code forges: GitHub, GitLab, Bitbucket and Atlassian, Sourcegraph.
  'a20 ghp_ gho_ ghu_ ghs_ ghr_',
  'w22 github_pat_',
  'd20 glpat- gldt- glft- glsoat- glrt- glcbt- glffct- glimt- glagent- gloas- glptt- glwt-',
  'd50 ATATT3 ATCTT3',
  'A32 ATBB',
  'h40 sgp_ sgp_local_ glptt-',
  // Clouds: AWS, Alibaba, Tencent, Google, DigitalOcean, Fly, Heroku, Netlify, Vercel, Scaleway, Cloudflare.
  'u16 AKIA ASIA ABIA ACCA A3T',
  'b40 ABSK bedrock-api-key-',
  'A16 LTAI',
  'A32 AKID',
  'w30 AIza ya29. 1//0',
  'w24 GOCSPX-',
  'h40 dop_v1_ doo_v1_ dor_v1_ pul-',
  'w40 fo1_',
  'b60 fm1r_ fm1a_ fm2_',
  'w30 HRKU- nfp_ vercel_blob_rw_ rnd_',
  'x60 v1.0-',
  'w48 tk-us-',
  // Payment and shops: Stripe, ReplayStack's own, Square, Meta, PayPal, Plaid, Flutterwave, Razorpay, Duffel, EasyPost, Shippo, Shopify, …
  'a8 sk_live_ rk_live_ pk_live_ ek_live_',
  'A10 sk_test_ sk_prod_ sk_dev_ sk_org_ rk_test_ rk_prod_ pk_test_ ek_test_',
  'w9 rs_live_',
  'A6 rs_test_ rs_prod_ tr_live_ tr_test_ tr_dev_ tr_prod_ ak_live_ ak_test_',
  'b20 whsec_',
  'w22 sq0atp- sq0csp- sq0atb- sq0csb-',
  'w56 EAAA',
  'a80 EAA IGQV',
  'd32 access_token$production$ access_token$sandbox$ pscale_tkn_ pscale_oauth_ pscale_pw_',
  'x36 access-sandbox- access-development- access-production- pat-na1- pat-eu1- sk-lf- api- sdk-',
  'W12 FLWSECK- FLWSECK_TEST- FLWPUBK_TEST-',
  'A14 rzp_live_ rzp_test_',
  'D40 duffel_live_ duffel_test_ live_ sandbox_',
  'A30 live_ test_ live_pub_ test_pub_',
  'a54 EZAK EZTK',
  'h40 shippo_live_ shippo_test_ ck_ cs_',
  'h32 shpat_ shpca_ shppa_ shpss_ shpua_ shptka_ key- pubkey- dapi pk_ SK fc- cu_',
  'w30 pdl_live_apikey_ pdl_sdbx_apikey_ polar_oat_ xnd_production_ xnd_development_',
  'w16 Mid-server- lsv2_pt_ lsv2_sk_',
  // Mail: SendGrid and others of more parts are below; Brevo, MailerSend, Mandrill.
  'w60 xkeysib- xsmtpsib-',
  'h60 mlsn. phx_ sntryu_ sgd_ s-s4t2ud- s-s4t2af-',
  'A22 md-',
  // Chat and work: Slack, Linear, Notion, Figma, Typeform, Dropbox, Frame.io, ReadMe, Postman, Contentful, Tailscale, …
  'w16 xoxa- xoxb- xoxc- xoxd- xoxe- xoxo- xoxp- xoxr- xoxs- xoxe.xoxp- xoxe.xoxb- xwfp-',
  'w30 xapp- fio-u- PMAK- CFPAT- tskey- dnkey- figd_ rdme_',
  'a36 lin_api_ lin_oauth_ ntn_',
  'A40 secret_ secret-',
  'd40 tfp_ sl. sl.u. sk.eyJ',
  'W26 API-',
  // AI: OpenAI, Anthropic, xAI, Perplexity, Groq, Hugging Face, Replicate, Together, Fireworks, NVIDIA, ElevenLabs, Pinecone, …
  'w16 sk-proj- sk-ant- sk-svcacct- sk-admin- sk-or-',
  'A20 sk- tvly- tvly-dev- tvly-prod- app- ak- as- fw_',
  'A26 sk_',
  'a40 xai- pplx- gsk_ jina_ csk- e2b_ sk',
  'a30 hf_ api_org_ r8_',
  'w40 tgp_v1_ nvapi- pcsk_ phs_ pa-',
  // Databases and secrets: Supabase, Neon, Aiven, CockroachDB, MongoDB, ClickHouse, Vault, Doppler, 1Password, age.
  'h40 sbp_',
  'w20 GR1348941 sb_secret_ hvs. hvb. hvr.',
  'a40 napi_ dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit.',
  'w16 AVNS_',
  'W38 CCDB1_ mdb_sa_sk_ 4b1d',
  'b100 ops_eyJ',
  'u50 AGE-SECRET-KEY-1',
  // Package registries and CI: npm, PyPI, RubyGems, NuGet, Clojars, crates.io, Docker, Artifactory, Buildkite, CircleCI, SonarQube, …
  'a30 npm_ ddp_ ddo_ pnu_',
  'b50 pypi-AgE',
  'h40 rubygems_ sqp_ squ_ sqa_ bkua_ CLOJARS_',
  'a43 oy2',
  'a32 cio ico- p8e-',
  'a60 CLOJARS_ AKCp',
  'a50 cmVmd',
  'w20 dckr_pat_ dckr_oat_ snyk_uat. CCIPAT_ CCIPRJ_ vtwn_',
  'a16 sm_aat_ sm_pat_ sm_sat_',
  // Observability: Grafana, New Relic, Sentry, Honeycomb, Elastic, Axiom.
  'b32 glc_',
  'w40 glsa_',
  'b70 eyJrIjoi',
  'w19 NRAK- NRII- NRJS- NRRA-',
  'b40 sntrys_ essu_',
  'a50 hcaik_ hcbik_ hcxik_ hcamk_ hcxmk_',
  'x36 xaat- xapt-',
  // OpenShift; ArcGIS, Firebase, Intercom, Yandex, VK.
  'w43 sha256~',
  'w60 AAPK AAPT APA91b',
  'b40 dG9rO',
  'w35 AQVN',
  'w50 y0_ vk1.a.',
]

/** Tokens of more than one part: what follows a prefix, and the prefixes. */
const FORMS: readonly string[] = [
  // SendGrid; Resend; Harness; Dynatrace; Authress; Airtable; Zoho; Sourcegraph; Yandex.
  '[\\w-]{16,64}\\.[\\w-]{16,} SG.',
  '[A-Za-z\\d]{6,10}_[A-Za-z\\d]{20,} re_',
  '[\\w-]{22}\\.[A-Za-z\\d]{24}\\.[A-Za-z\\d]{20} pat. sat.',
  '\\d\\d\\.[A-Za-z\\d]{24}\\.[A-Za-z\\d]{64} dt0c dt0s',
  '[a-z\\d]{5,30}\\.[a-z\\d]{4,6}\\.acc[_-][a-z\\d-]{10,32}\\.[\\w+/=-]{30,} sc_ ext_ scauth_ authress_',
  '[A-Za-z\\d]{14}\\.[a-f\\d]{64} pat',
  '[a-f\\d]{32}\\.[a-f\\d]{32} 1000.',
  '[a-f\\d]{16}_[a-f\\d]{40} sgp_',
  '[\\w-]{16,400}={0,2}\\.[\\w-]{86} t1.',
  // Vault's older service tokens; Salesforce; Stripe's client secrets; ClickUp; 1Password; Asana.
  '(?=\\w{0,23}\\d)[A-Za-z\\d]{24} s.',
  '[A-Za-z\\d]{12,15}![\\w.]{60,} 00D',
  '[A-Za-z\\d]{14,}_(?:client_)?secret_[A-Za-z\\d]{14,} pi_ seti_ src_',
  '\\d{4,12}_[A-Z\\d]{32} pk_',
  '[A-Z\\d]{6}-[A-Z\\d]{6}-?[A-Z\\d]{5}(?:-[A-Z\\d]{5}){3} A3-',
  '\\d{16}(?:/\\d{16})?:[a-f\\d]{32} 0/ 1/ 2/',
  // Discord's bots, by the digits that their user's number begins with in base64.
  '[\\w-]{21,24}\\.[\\w-]{6}\\.[\\w-]{27,38} MT Mj Mz ND NT Nj Nz OD OT',
  // Webhooks that post for whoever has their address: Slack, Discord, Zapier, IFTTT, Feishu.
  '(?:services|workflows|triggers)/[\\w+/]{20,} hooks.slack.com/',
  '(?:/v\\d+)?/webhooks/\\d{15,20}/[\\w-]{40,} discord.com/api discordapp.com/api',
  '[\\w/]{8,} hooks.zapier.com/hooks/catch/',
  '\\w+/(?:json/)?with/key/[\\w-]{20,} maker.ifttt.com/trigger/',
  '/open-apis/bot/v2/hook/[\\w-]{20,} open.feishu.cn open.larksuite.com',
]

/** Tokens that something inside tells. */
const INFIXES: Readonly<Record<string, string>> = {
  // Terraform Cloud; MaxMind; Mailchimp; New Relic's licence keys; Azure's client secrets; Telegram's bots; Teams' webhooks.
  '.atlasv1.': '[A-Za-z\\d]{14}\\.atlasv1\\.[\\w=-]{60,}',
  _mmk: '[A-Za-z\\d]{6}_[A-Za-z\\d]{29}_mmk',
  '-us': '[a-f\\d]{32}-us\\d{1,2}',
  NRAL: '[a-f\\d]{32,36}(?:FFFF)?NRAL',
  'Q~': '[\\w~.]{3}\\dQ~[\\w~.-]{31,34}',
  ':AA': '(?:bot)?\\d{8,10}:AA[\\w-]{32,34}',
  '.webhook.office.com/': '[\\w-]{1,64}\\.webhook\\.office\\.com/webhookb2/[\\w@/-]{60,}',
}

/** Nothing shorter is a token: a run of letters, digits, `_`, `-`, `+` and `/` that is shorter has none in it. */
export const MIN_TOKEN_LENGTH = 16

const END = '(?![A-Za-z\\d])'

/** What may follow a prefix, by the row's first word. */
function bodyOf(kind: string): string {
  const letter = kind.charAt(0)
  const alphabet = ALPHABETS[letter.toLowerCase()]
  if (!alphabet || !/^\w\d+$/.test(kind)) return kind
  const digit = letter === letter.toLowerCase() ? '' : `(?=${alphabet}{0,60}?(?:\\d|[a-z][A-Z]))`
  return `${digit}${alphabet}{${kind.slice(1)},}`
}

/** A number for the two characters at `at`; of ASCII each has its own. */
const keyOf = (text: string, at: number): number => text.charCodeAt(at) * 128 + text.charCodeAt(at + 1)

/** The tables as expressions: one for each first two characters of a token, and the others by what is inside. */
class Shapes {
  readonly byStart: Map<number, RegExp> = new Map()
  /** By key, whether there is an expression. */
  readonly isStart: Uint8Array = new Uint8Array(128 * 128)
  readonly byInfix: readonly (readonly [string, RegExp])[]

  constructor() {
    const bodies = new Map<string, string[]>()
    for (const row of [...FORMS, ...PREFIXES]) {
      const [kind = '', ...prefixes] = row.split(' ')
      for (const prefix of prefixes) {
        const start = prefix.slice(0, 2)
        const list = bodies.get(start) ?? []
        bodies.set(start, list)
        list.push(prefix.replace(/[.$/]/g, '\\$&') + bodyOf(kind) + END)
      }
    }
    for (const [start, list] of bodies) {
      const key = keyOf(start, 0)
      this.isStart[key] = 1
      this.byStart.set(key, new RegExp(list.join('|'), 'y'))
    }
    this.byInfix = Object.entries(INFIXES).map(([infix, form]) => [
      infix,
      new RegExp(`(?<![\\w~.-])${form}${END}`, 'g'),
    ])
  }
}

let shapes: Shapes | undefined

/** Where the token ends that begins at `at`; `at` where none does. */
export function tokenEnd(text: string, at: number): number {
  shapes ??= new Shapes()
  const start = keyOf(text, at)
  const expression = shapes.isStart[start] ? shapes.byStart.get(start) : undefined
  if (!expression) return at
  expression.lastIndex = at
  return expression.test(text) ? expression.lastIndex : at
}

/** Calls `found` with where each token begins and ends that something inside tells. */
export function findByInfix(text: string, found: (start: number, end: number) => void): void {
  shapes ??= new Shapes()
  for (const [infix, expression] of shapes.byInfix) {
    if (text.includes(infix))
      for (const match of text.matchAll(expression)) found(match.index, match.index + match[0].length)
  }
}

/** Whether something is in a text that tells a token from inside. */
export function hasInfix(text: string): boolean {
  shapes ??= new Shapes()
  return shapes.byInfix.some(([infix]) => text.includes(infix))
}

/** Whether a text that was cut may end in a token's beginning: a prefix is in it. */
export function hasPrefix(text: string): boolean {
  return PREFIXES.some(row =>
    row.split(' ').some((prefix, place) => place > 0 && prefix.length > 2 && text.includes(prefix)),
  )
}
