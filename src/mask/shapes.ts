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

/** Alphabet, least length, prefixes. A `.` in a prefix is itself. Of rows with one prefix the first that fits counts. */
export const PREFIXES: readonly string[] = [
  // GitLab, PayPal, PlanetScale; Typeform, Dropbox, Mapbox, Atlassian; Duffel, GoCardless.
  'd20 glpat- gldt- glft- glsoat- glrt- glcbt- glffct- glimt- glagent- gloas- glptt- glwt-',
  'd32 access_token$production$ access_token$sandbox$ pscale_tkn_ pscale_oauth_ pscale_pw_',
  'd40 tfp_ sl. sk.eyJ ATATT3 ATCTT3',
  'D40 duffel_live_ duffel_test_ live_ sandbox_',
  // In hexadecimal: Sourcegraph, GitLab, DigitalOcean, Pulumi, Shippo, Shopify, Mailgun, Databricks, Twilio, Firecrawl, ClickUp,
  // MailerSend, PostHog, Sentry, Sendinblue, Supabase, RubyGems, SonarQube, Buildkite, Clojars, Plaid, HubSpot, Axiom, Cloudflare.
  'h32 sgp_ sgp_local_ dop_v1_ doo_v1_ dor_v1_ pul- shippo_live_ shippo_test_ ck_ cs_ shpat_ shpca_ shppa_ shpss_',
  'h32 shpua_ shptka_ key- pubkey- dapi pk_ SK fc- cu_ mlsn. phx_ sntryu_ sgd_ s-s4t2ud- s-s4t2af- sbp_ rubygems_ sqp_ squ_',
  'h32 sqa_ bkua_',
  'h36 access-sandbox- access-development- access-production- pat-na1- pat-eu1- sk-lf- api- sdk- xaat- xapt-',
  'h60 v1.0-',
  // AWS; age.
  'u16 AKIA ASIA ABIA ACCA A3T AGE-SECRET-KEY-1',
  // Stripe; SonarQube.
  'a8 sk_live_ rk_live_ pk_live_ ek_live_ sm_aat_ sm_pat_ sm_sat_',
  // GitHub, Linear, Notion, xAI, Perplexity, Groq, Jina, Cerebras, E2B, Hugging Face, Replicate, Neon, Doppler, npm, Datadog, Pulumi.
  'a20 ghp_ gho_ ghu_ ghs_ ghr_ lin_api_ lin_oauth_ ntn_ xai- pplx- gsk_ jina_ csk- e2b_ hf_ api_org_ r8_ napi_ dp.pt. dp.st.',
  'a20 dp.ct. dp.sa. dp.scim. dp.audit. npm_ ddp_ ddo_ pnu_ ico- p8e- hcaik_ hcbik_ hcxik_ hcamk_ hcxmk_',
  // crates.io, Clojars; NuGet, EasyPost, Artifactory, ReadMe; Meta.
  'a32 cio CLOJARS_',
  'a40 sk oy2 EZAK EZTK AKCp cmVmd',
  'a80 EAA IGQV',
  // ReplayStack's own; Stripe's tests, Razorpay; Alibaba; OpenAI, Tavily, Dify, Fireworks, Mandrill; ElevenLabs, Lob; Bitbucket, Tencent; Notion.
  'A6 rs_test_ rs_prod_ tr_live_ tr_test_ tr_dev_ tr_prod_ ak_live_ ak_test_',
  'A10 sk_test_ sk_prod_ sk_dev_ sk_org_ rk_test_ rk_prod_ pk_test_ ek_test_ rzp_live_ rzp_test_',
  'a16 LTAI',
  'A20 sk- tvly- tvly-dev- tvly-prod- app- ak- as- fw_ md-',
  'A26 sk_ live_ test_ live_pub_ test_pub_',
  'A32 ATBB AKID',
  'A40 secret_ secret-',
  // ReplayStack; Slack, OpenAI, Anthropic, Midtrans, LangSmith, Aiven, New Relic, GitHub, Square, Google, GitLab, Supabase, Vault, Docker, Snyk, CircleCI, Vercel.
  'w9 rs_live_',
  'w16 xoxa- xoxb- xoxc- xoxd- xoxe- xoxo- xoxp- xoxr- xoxs- xwfp- sk-proj- sk-ant- sk-svcacct-',
  'w16 sk-admin- sk-or- Mid-server- lsv2_pt_ lsv2_sk_ AVNS_ NRAK- NRII- NRJS- NRRA-',
  'w20 github_pat_ sq0atp- sq0csp- sq0atb- sq0csb- GR1348941 GOCSPX- sb_secret_ hvs. hvb. hvr. dckr_pat_ dckr_oat_ snyk_uat.',
  'w20 CCIPAT_ CCIPRJ_ vtwn_',
  // Google, Heroku, Netlify, Vercel, Render, Paddle, Polar, Xendit, Slack, Frame.io, Postman, Contentful, Tailscale, Figma, ReadMe.
  'w30 AIza ya29. 1//0 HRKU- nfp_ vercel_blob_rw_ rnd_ pdl_live_apikey_ pdl_sdbx_apikey_ polar_oat_ xnd_production_',
  'w30 xnd_development_ xapp- fio-u- PMAK- CFPAT- tskey- dnkey- figd_ rdme_ AQVN',
  // Fly, Together, NVIDIA, Pinecone, PostHog, Voyage, Grafana, OpenShift, Scaleway; Brevo; Square, ArcGIS, Firebase, Yandex, VK.
  'w40 fo1_ tgp_v1_ nvapi- pcsk_ phs_ pa- glsa_ sha256~ tk-us- y0_ vk1.a.',
  'w56 EAAA AAPK AAPT APA91b xkeysib- xsmtpsib-',
  // Flutterwave; Octopus Deploy; CockroachDB, MongoDB, ClickHouse.
  'W12 FLWSECK- FLWSECK_TEST- FLWPUBK_TEST-',
  'W26 API-',
  'W38 CCDB1_ mdb_sa_sk_ 4b1d',
  // Webhook secrets, Grafana Cloud; Amazon Bedrock, Sentry, Elastic, Intercom, PyPI, Fly; Grafana, 1Password.
  'b20 whsec_ glc_',
  'b40 ABSK bedrock-api-key- sntrys_ essu_ dG9rO pypi-AgE fm1r_ fm1a_ fm2_',
  'b70 eyJrIjoi ops_eyJ',
]

/** Tokens of more than one part: what follows a prefix, as an expression with alphabets and lengths in it, and the prefixes. */
const FORMS: readonly string[] = [
  // SendGrid; Resend; Harness; Dynatrace; Authress; Airtable; Zoho; Sourcegraph; Yandex.
  'w16\\.w16 SG.',
  'a6_a20 re_',
  'w22\\.a24\\.a20 pat. sat.',
  '\\d\\d\\.a24\\.a64 dt0c dt0s',
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
  '(?:/v\\d+)?/webhooks/\\d{15,20}/w40 discord.com/api discordapp.com/api',
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
      sources.set(key, `${sources.get(key) ?? ''}${prefix.replace(/[.$/]/g, '\\$&')}${body}|`)
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
  return PREFIXES.some(row =>
    row.split(' ').some((prefix, place) => place > 0 && prefix.length > 2 && text.includes(prefix)),
  )
}
