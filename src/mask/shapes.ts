/**
 * Tokens that services mark by a prefix or a form of their own, as one table: what may follow a prefix, how much of it at
 * least, and the prefixes. The facts are of the services' documentation and of public rule sets (gitleaks, GitHub's secret
 * scanning); docs/privacy.md lists them with their services.
 */

import { eachMatch, endOf } from './found.ts'

/** Letters for what a token is made of. Upper case here: a digit or a capital inside must be among it, or it may be words. */
const ALPHABETS: Readonly<Record<string, string>> = {
  h: '[a-fA-F\\d-]',
  u: '[A-Z\\d]',
  a: '[A-Za-z\\d]',
  w: '[\\w-]',
  b: '[\\w+/=-]',
  d: '[\\w.=-]',
}

/**
 * Alphabet, least length, prefixes: expressions, of which the first two characters and each `.` and `$` are themselves. Of rows
 * with one prefix the first that fits counts.
 */
export const PREFIXES: readonly string[] = [
  // GitLab, PayPal, PlanetScale; Typeform, Dropbox, Mapbox, Atlassian; Duffel, GoCardless.
  'd20 gl(?:pat|[dfrw]t|soat|cbt|ffct|imt|agent|oas|ptt)-',
  'd32 access_token$(?:production|sandbox)$ pscale_(?:tkn|oauth|pw)_',
  'd40 tfp_ sl. sk.eyJ ATATT3 ATCTT3',
  'D40 duffel_(?:live|test)_ live_ sandbox_',
  // In hexadecimal: Sourcegraph, GitLab, DigitalOcean, Pulumi, Shippo, Shopify, Mailgun, Databricks, Twilio, Firecrawl, ClickUp,
  // MailerSend, PostHog, Sentry, Sendinblue, Supabase, RubyGems, SonarQube, Buildkite, Clojars, Plaid, HubSpot, Axiom, Cloudflare.
  'h32 sgp_(?:local_)? do[opr]_v1_ pul- shippo_(?:live|test)_ ck_ cs_ shp(?:at|[cpu]a|ss|tka)_',
  'h32 key- pubkey- dapi pk_ SK fc- cu_ mlsn. phx_ sntryu_ sgd_ s-s4t2(?:ud|af)- sbp_ rubygems_ sq[apu]_ bkua_',
  'h36 access-(?:sandbox|development|production)- pat-(?:na|eu)1- sk-lf- api- sdk- xaat- xapt-',
  'h60 v1.0-',
  // AWS; age.
  'u16 AKIA ASIA ABIA ACCA A3T AGE-SECRET-KEY-1',
  // Stripe; SonarQube.
  'a8 sk_live_ rk_live_ pk_live_ ek_live_ sm_[aps]at_',
  // GitHub, Linear, Notion, xAI, Perplexity, Groq, Jina, Cerebras, E2B, Hugging Face, Replicate, Neon, Doppler, npm, Datadog, Pulumi.
  'a20 gh[oprsu]_ lin_(?:api|oauth)_ ntn_ xai- pplx- gsk_ jina_ csk- e2b_ hf_ api_org_ r8_ napi_ npm_',
  'a20 dp.(?:[cps]t|sa|scim|audit). dd[op]_ pnu_ ico- p8e- hc[abx][im]k_',
  // crates.io, Clojars; NuGet, EasyPost, Artifactory, ReadMe; Meta.
  'a32 cio CLOJARS_',
  'a40 sk oy2 EZAK EZTK AKCp cmVmd',
  'a80 EAA IGQV',
  // ReplayStack's own; Stripe's tests, Razorpay; Alibaba; OpenAI, Tavily, Dify, Fireworks, Mandrill; ElevenLabs, Lob; Bitbucket, Tencent; Notion.
  'A6 rs_(?:test|prod)_ tr_(?:live|test|dev|prod)_ ak_(?:live|test)_',
  'A10 sk_(?:test|prod|dev|org)_ rk_(?:test|prod)_ pk_test_ ek_test_ rzp_(?:live|test)_',
  'a16 LTAI',
  'A20 sk- tvly-(?:(?:dev|prod)-)? app- ak- as- fw_ md-',
  'A26 sk_ live_ test_ live_pub_ test_pub_',
  'A32 ATBB AKID',
  'A40 secret_ secret-',
  // ReplayStack; Slack, OpenAI, Anthropic, Midtrans, LangSmith, Aiven, New Relic, GitHub, Square, Google, GitLab, Supabase, Vault, Docker, Snyk, CircleCI, Vercel.
  'w9 rs_live_',
  'w16 xox[a-eoprs]- xwfp- sk-(?:proj|ant|svcacct|admin|or)- Mid-server- lsv2_(?:pt|sk)_ AVNS_ NR(?:AK|II|JS|RA)-',
  'w20 github_pat_ sq0(?:at|cs)[bp]- GR1348941 GOCSPX- sb_secret_ hv[bsr]. dckr_[op]at_ snyk_uat. CCIP(?:AT|RJ)_ vtwn_',
  // Google, Heroku, Netlify, Vercel, Render, Paddle, Polar, Xendit, Slack, Frame.io, Postman, Contentful, Tailscale, Figma, ReadMe.
  'w30 AIza ya29. 1//0 HRKU- nfp_ vercel_blob_rw_ rnd_ pdl_(?:live|sdbx)_apikey_ polar_oat_ xnd_(?:production|development)_',
  'w30 xapp- fio-u- PMAK- CFPAT- tskey- dnkey- figd_ rdme_ AQVN',
  // Fly, Together, NVIDIA, Pinecone, PostHog, Voyage, Grafana, OpenShift, Scaleway; Brevo; Square, ArcGIS, Firebase, Yandex, VK.
  'w40 fo1_ tgp_v1_ nvapi- pcsk_ phs_ pa- glsa_ sha256~ tk-us- y0_ vk1.a.',
  'w56 EAAA AAPK AAPT APA91b xkeysib- xsmtpsib-',
  // Flutterwave; Octopus Deploy; CockroachDB, MongoDB, ClickHouse.
  'W12 FLWSECK(?:_TEST)?- FLWPUBK_TEST-',
  'W26 API-',
  'W38 CCDB1_ mdb_sa_sk_ 4b1d',
  // Webhook secrets, Grafana Cloud; Amazon Bedrock, Sentry, Elastic, Intercom, PyPI, Fly; Grafana, 1Password.
  'b20 whsec_ glc_',
  'b40 ABSK bedrock-api-key- sntrys_ essu_ dG9rO pypi-AgE fm(?:1[ar]|2)_',
  'b70 eyJrIjoi ops_eyJ',
]

/** Tokens of more than one part: what follows a prefix, as an expression with alphabets and lengths in it, and the prefixes. */
const FORMS: readonly string[] = [
  // SendGrid; Resend; Harness; Dynatrace; Authress; Airtable; Zoho; Sourcegraph; Yandex.
  'w16\\.w16 SG.',
  'a6_a20 re_',
  'w22\\.a24\\.a20 pat. sat.',
  '\\d\\d\\.a24\\.a64 dt0[cs]',
  'a5\\.a4\\.acc[_-]w10\\.b30 sc_ ext_ scauth_ authress_',
  'a14\\.h64 pat',
  'h32\\.h32 1000.',
  'h16_h40 sgp_',
  'w16={0,2}\\.w86 t1.',
  // Django's hashed passwords.
  '\\d+\\$\\w+\\$b40 pbkdf2_sha256$',
  // Vault's older service tokens; Salesforce; Stripe's client secrets; ClickUp; 1Password; Asana.
  '(?=\\w{0,23}\\d)a24 s.',
  'a12![\\w.]{60,} 00D',
  'a14_(?:client_)?secret_a14 pi_ seti_ src_',
  '\\d{4,12}_u32 pk_',
  'u6-u6-?u5(?:-u5){3} A3-',
  '\\d{16}(?:/\\d{16})?:h32 0/ 1/ 2/',
  // Discord's bots, by the digits that their user's number begins with in base64.
  '[\\w-]{21,24}\\.[\\w-]{6}\\.w27 MT Mj Mz ND NT Nj Nz OD OT',
  // Webhooks that post for whoever has their address: Slack, Discord, Zapier, IFTTT, Feishu.
  '(?:services|workflows|triggers|commands|actions)/b20 hooks.slack.com/',
  '(?:/v\\d+)?/webhooks/\\d{15,20}/w40 discord(?:app)?.com/api',
  'b8 hooks.zapier.com/hooks/catch/',
  '\\w+/(?:json/)?with/key/w20 maker.ifttt.com/trigger/',
  '/open-apis/bot/v2/hook/w20 open.feishu.cn open.larksuite.com',
]

/**
 * Tokens that something inside tells: Terraform Cloud's; MaxMind's; Mailchimp's; New Relic's licence keys; Azure's client
 * secrets; Telegram's bots; Teams' webhooks.
 */
const INFIXED =
  /(?<![\w~.-])(?:[A-Za-z\d]{14}\.atlasv1\.[\w=-]{60,}|[A-Za-z\d]{6}_[A-Za-z\d]{29}_mmk|[a-f\d]{32}-us\d{1,2}|[a-f\d]{32,36}(?:FFFF)?NRAL|[\w~.]{3}\dQ~[\w~.-]{31,34}|(?:bot)?\d{8,10}:AA[\w-]{32,34}|[\w-]{1,64}\.webhook\.office\.com\/webhookb2\/[\w@/-]{60,})(?![A-Za-z\d])/g

/** What tells them. */
const INFIX = /\.atlasv1|_mmk|-us\d|NRAL|\dQ~|\d:AA|\.webhook\.off/

/** Nothing shorter is a token: a run of letters, digits, `_`, `-`, `+` and `/` that is shorter has none in it. */
export const MIN_TOKEN_LENGTH = 16

const END = '(?![A-Za-z\\d])'

/** What may follow a prefix, by the row's first word. */
const bodyOf = (kind: string): string =>
  kind.replace(/([abdhuw])(\d+)/gi, (_, letter: string, length: string) => {
    const alphabet = ALPHABETS[letter.toLowerCase()] ?? ''
    return `${letter < 'a' ? `(?=${alphabet}{0,60}?(?:\\d|[a-z][A-Z]|[A-Z]{2}[a-z]))` : ''}${alphabet}{${length},}`
  })

const sourceOf = (prefix: string): string => prefix.replace(/[.$]/g, '\\$&')

/** Of ASCII, each two characters have a number of their own. */
const keyOf = (text: string, at: number): number => text.charCodeAt(at) * 128 + text.charCodeAt(at + 1)

/** By the two characters that they begin with, expressions for tokens: sources until one is needed, for a process meets few. */
let byStart: Map<number, string | RegExp> | undefined

function expressionSources(): Map<number, string | RegExp> {
  const sources = new Map<number, string>()
  for (const row of [...FORMS, ...PREFIXES]) {
    const [kind = '', ...prefixes] = row.split(' ')
    const body = bodyOf(kind) + END
    for (const prefix of prefixes) {
      const key = keyOf(prefix, 0)
      sources.set(key, `${sources.get(key) ?? ''}${sourceOf(prefix)}${body}|`)
    }
  }
  return sources
}

/** Where the token ends that begins at `at`; `at` where none does. */
export function tokenEnd(text: string, at: number): number {
  byStart ??= expressionSources()
  const key = keyOf(text, at)
  let expression = byStart.get(key)
  if (typeof expression === 'string') {
    expression = new RegExp(expression.slice(0, -1), 'y')
    byStart.set(key, expression)
  }
  return expression ? endOf(expression, text, at) : at
}

/** Calls `found` with where each token begins and ends that something inside tells. */
export function findByInfix(text: string, found: (start: number, end: number) => void): void {
  if (hasInfix(text)) eachMatch(INFIXED, text, ({ index }, end) => found(index, end))
}

/** Whether something is in a text that tells a token from inside. */
export const hasInfix = (text: string): boolean => INFIX.test(text)

/** Whether a text that was cut may end in a token's beginning: a prefix is in it. */
export function hasPrefix(text: string): boolean {
  const prefixes = PREFIXES.flatMap(row => row.split(' ').slice(1)).filter(prefix => prefix.length > 2)
  return new RegExp(sourceOf(prefixes.join('|'))).test(text)
}
