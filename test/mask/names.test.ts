import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { compileMaskNames, DEFAULT_MASK_FIELDS } from '../../src/mask/names.ts'

const defaults = compileMaskNames()

/** A name's words, however it is written: `accessToken`, `access_token`, `set-cookie`. */
const wordsOf = (name: string): string[] =>
  name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[-_\s]+/)

/** The same name as programs write it. */
function spellings(name: string): string[] {
  const words = wordsOf(name)
  const [first = '', ...rest] = words
  const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1)
  return [
    name,
    words.join('_'),
    words.join('-'),
    words.join(' '),
    words.join(''),
    first + rest.map(capital).join(''),
    words.map(capital).join(''),
    words.map(capital).join('-'),
    words.join('_').toUpperCase(),
    words.join('-').toUpperCase(),
  ]
}

describe('the default names', () => {
  const seed =
    'authorization password token access_token refresh_token apikey api_key secret client_secret cookie set-cookie cardNumber card_number cvv otp'
  const nodeSdk =
    'authorization password passwd pwd token accessToken refreshToken apiKey secret clientSecret cookie set-cookie session cardNumber cvv otp'
  const http =
    'proxy-authorization x-api-key x-auth-token x-access-token x-csrf-token x-amz-security-token cf-access-jwt-assertion id_token session_token private_key secret_key access_key new_password current_password password_confirmation cvc pin'

  it.each([...new Set(`${seed} ${nodeSdk} ${http}`.split(' '))])('hide %s, however it is written', name => {
    for (const spelling of spellings(name)) expect(defaults.hides(spelling), spelling).not.toBe(false)
  })

  it('hide numbers, too, under a header that ends in key', () => {
    for (const name of ['x-acme-key', 'X-Acme-Key', 'x_acme_key']) expect(defaults.hides(name), name).toBe('all')
  })

  it.each(DEFAULT_MASK_FIELDS)('hide %s of the list', field => {
    const name = field.replace('*', '')
    for (const spelling of spellings(name)) expect(defaults.hides(spelling), spelling).toBe('all')
    for (const spelling of spellings(`user_${name}`)) {
      if (field.startsWith('*') || /[-_ A-Z]/.test(spelling.slice(1)))
        expect(defaults.hides(spelling), spelling).not.toBe(false)
    }
  })

  it.each([
    ...['dbPassword', 'DB_PASSWORD', 'old_password', 'confirmPassword', 'stripe_secret', 'totpSecret', 'app.secret'],
    ...['x-acme-api-key', 'GOOGLE_API_KEY', 'githubAccessToken', 'rsa_private_key', 'jwt_secret_key', 'authToken'],
    ...['aws_secret_access_key', 'SharedAccessKey', 'AccountKey', 'x-gitlab-token', 'x-vault-token', 'X-XSRF-TOKEN'],
    ...['X-Amz-Signature', 'X-Goog-Signature', 'x-hub-signature-256', 'x-slack-signature', 'X-Original-Authorization'],
    ...[
      'x-goog-iap-jwt-assertion',
      'x-ms-token-aad-access-token',
      'cf-authorization',
      'cf-access-token',
      'connect.sid',
      'x-forwarded-access-token',
    ],
  ])('hide %s by how it begins or ends', name => {
    expect(defaults.hides(name)).not.toBe(false)
  })

  it.each([
    ...['author', 'authors', 'authority', 'tokens_used', 'prompt_tokens', 'max_tokens', 'tokenizer', 'token_count'],
    ...['passenger', 'passengers', 'passed', 'compass', 'bypass', 'pinned', 'pinCount', 'shipping', 'spin', 'opinion'],
    ...['secretary', 'secretariat', 'description', 'session_count', 'obsession', 'cookies_accepted'],
    ...['cookieConsent', 'key', 'keys', 'keyboard', 'primary_key', 'foreign_key', 'cardholder', 'card_type'],
    ...['otpEnabled', 'adopt', 'option', 'design', 'code', 'status_code', 'state', 'user', 'email', 'id'],
    ...['password_reset_at', 'passwordLength', 'aws_access_key_id', 'nextPageToken', 'side', 'sidebar', ''],
    ...['ssn', 'tax_id', 'phone_number', 'x-request-id', 'x-trace-id', 'traceparent', 'content-type', '__proto__'],
    ...['constructor', 'toString', 'hasOwnProperty'],
  ])('leave %j alone', name => {
    expect(defaults.hides(name)).toBe(false)
  })
})

describe('segments', () => {
  it.each([
    ['user.password', true],
    ['user[password]', true],
    ['user[credentials][name]', true],
    ['password.length', false],
    ['items[0].token', true],
    ['[token]', true],
    ['user.name', false],
    ['user[author]', false],
    ['...', false],
    ['[]', false],
  ])('of %s are names of their own: %s', (name, hidden) => {
    expect(defaults.hides(name) !== false).toBe(hidden)
  })
})

describe('names of the application', () => {
  it.each([
    ['ssn', 'SSN', true],
    ['ssn', 'user.ssn', true],
    ['ssn', 'ssns', false],
    ['tax_id', 'taxId', true],
    ['tax_id', 'Tax ID', true],
    ['phoneNumber', 'PHONE-NUMBER', true],
    ['Größe', 'größe', true],
    ['*_id', 'user_id', true],
    ['*_id', 'userId', true],
    ['*_id', 'identity', false],
    ['x-*', 'X-Anything', true],
    ['x-*', 'ax-anything', false],
    ['*internal*', 'internalNote', true],
    ['*internal*', 'an_internal', true],
    ['*card*', 'my_card_number', true],
    ['*card*', 'car', false],
    ['a*b*c', 'a__b__c', true],
    ['a*b*c', 'abxxbc', true],
    ['a*b*c', 'acb', false],
    ['ab*ba', 'aba', false],
    ['ab*ba', 'abba', true],
    ['a*a*a', 'aa', false],
    ['*', 'anything', true],
    ['a.b', 'a.b', true],
    ['a+', 'aa', false],
    ['(', '(', true],
    ['-_ ', 'name', false],
  ])('%j asked for %j: %s', (field, name, hidden) => {
    expect(compileMaskNames([field]).hides(name) !== false).toBe(hidden)
  })

  it('come on top of the defaults', () => {
    const names = compileMaskNames(['ssn'])
    expect(names.hides('password')).toBe('all')
    expect(names.hides('ssn')).toBe('all')
    expect(defaults.hides('ssn')).toBe(false)
  })
})

it('answers alike for names met again and for more names than it remembers', () => {
  const names = compileMaskNames(['*_x'])
  for (let round = 0; round < 2; round++) {
    for (let index = 0; index < 10_000; index++)
      expect(names.hides(`n${index}${index % 2 ? '_x' : ''}`)).toBe(index % 2 === 1 && 'all')
  }
})

it.each([
  ['a name', 'a'.repeat(1_000_000)],
  ['segments', 'a.'.repeat(500_000)],
  ['what almost is a glob’s', 'x'.repeat(1_000_000)],
])('takes no more than linear time for %s of 1 MB', (_, name) => {
  const names = compileMaskNames(['*a*a*a*a*b', 'x*x*x*x*y'])
  expect(names.hides(name)).toBe(false)
})

it('remembers names without what they were cut from', () => {
  setFlagsFromString('--expose-gc')
  const collectGarbage: () => void = runInNewContext('gc')
  const names = compileMaskNames()
  const used = () => {
    collectGarbage()
    return process.memoryUsage().heapUsed
  }
  const before = used()
  for (let index = 0; index < 200; index++)
    names.hides(`unique-parameter-${index}=${'x'.repeat(200_000)}`.slice(0, 100))
  // 40 MB were met.
  expect(used() - before).toBeLessThan(5_000_000)
})

it.each(['X-Auth-Key', 'dd-application-key', 'Circle-Token'])('hides the header %s of a service by default', name => {
  expect(defaults.hides(name)).not.toBe(false)
})

describe('names by their words', () => {
  it.each([
    ...['password1', 'new_password1', 'password_digest', 'passwordResetToken', 'bot_token', 'jwt_token', 'user_pin_2'],
    ...['AWS_SESSION_TOKEN', 'KV_REST_API_TOKEN', 'RAILS_MASTER_KEY', 'mysql_pwd', 'pass', 'DB_PASS', 'totp_code'],
    ...[
      'privateKeyPem',
      'laravel_session',
      'SECRET_KEY_BASE',
      'card[number]',
      'pan',
      'userPIN',
      'x-user-jwt',
      'githubToken',
    ],
    ...[
      'x-otp',
      'x-session',
      'php-auth-pw',
      'x-amzn-oidc-data',
      'x-vercel-protection-bypass',
      'x-appwrite-key',
      'x-admin-key',
    ],
    ...['webhook-signature', 'credentials[user]', 'reset_password_token', 'API_KEY_PROD', 'stripeSecretLive'],
  ])('hide all of %s', name => {
    expect(defaults.hides(name)).toBe('all')
  })

  it.each(['tokens', 'cookies', 'apiKeys', 'recovery_codes', 'api_secrets', 'sessions'])(
    'hide the texts of %s',
    name => {
      expect(defaults.hides(name)).toBe('texts')
    },
  )

  it.each([
    ...['tokenCount', 'max_tokens', 'compass', 'passenger', 'pinned', 'secretary', 'nextPageToken', 'next_token'],
    ...[
      'sync-token',
      'continuationToken',
      'hasPassword',
      'requiresAuthorization',
      'showPin',
      'passwordless',
      'sessionDuration',
    ],
    ...[
      'cookieConsent',
      'tokenType',
      'secretName',
      'idempotency-key',
      'x-idempotency-key',
      'boarding_pass',
      'bypass',
      'spin',
    ],
    ...['hash', 'value', 'text', '1', '_', 'prompt_tokens', 'mapPin'],
  ])('hide nothing of %s', name => {
    expect(defaults.hides(name)).toBe(false)
  })
})
