import { describe, expect, it } from 'vitest'
import { detectAuthMode } from '../../src/event/auth.ts'

const secret = 'sk_live_51H8abcdefghij'

describe('the mode', () => {
  it.each([
    ['Bearer abc', 'bearer', 'Bearer'],
    ['bearer abc', 'bearer', 'bearer'],
    ['BEARER abc', 'bearer', 'BEARER'],
    ['  Bearer   abc', 'bearer', 'Bearer'],
    ['Bearer\tabc', 'bearer', 'Bearer'],
    ['Bearer', 'bearer', 'Bearer'],
    ['Basic dTpw', 'basic', 'Basic'],
    ['basic dTpw', 'basic', 'basic'],
    ['Token abc', 'api_key', 'Token'],
    ['token abc', 'api_key', 'token'],
    ['ApiKey abc', 'api_key', 'ApiKey'],
    ['Api-Key abc', 'api_key', 'Api-Key'],
    ['Digest username="a"', 'other', 'Digest'],
    ['AWS4-HMAC-SHA256 Credential=x', 'other', 'AWS4-HMAC-SHA256'],
    ['Negotiate abc', 'other', 'Negotiate'],
    ['bEaReRx abc', 'other', 'bEaReRx'],
    ['constructor abc', 'other', 'constructor'],
    ['__proto__ abc', 'other', '__proto__'],
  ])('of `Authorization: %s` is %s, scheme %s', (authorization, mode, scheme) => {
    expect(detectAuthMode({ Authorization: authorization })).toStrictEqual({ mode, scheme })
  })

  it.each([
    secret,
    `"${secret}"`,
    `${secret},x`,
    `Bearer:${secret}`,
    `${'a'.repeat(41)} b`,
    'é b',
    'user:pass',
    '{"a": 1}',
  ])('of a bare %j is other, and the secret is no scheme', authorization => {
    expect(detectAuthMode({ authorization })).toStrictEqual({ mode: 'other' })
  })

  it.each([
    'x-api-key',
    'x-apikey',
    'x-auth-token',
    'x-access-token',
    'x-token',
    'apikey',
    'api-key',
    'authentication',
  ])('of a request with %s is api_key, by the header’s name', name => {
    expect(detectAuthMode({ [name]: secret })).toStrictEqual({ mode: 'api_key', scheme: name })
    expect(detectAuthMode({ [name.toUpperCase()]: secret, cookie: 'a=b' })).toStrictEqual({
      mode: 'api_key',
      scheme: name,
    })
  })

  it.each([
    [
      { 'x-token': 'a', 'x-api-key': 'b' },
      { mode: 'api_key', scheme: 'x-api-key' },
    ],
    [
      { authorization: 'Basic x', 'x-api-key': 'b', cookie: 'c=d' },
      { mode: 'basic', scheme: 'Basic' },
    ],
    [
      { authorization: '', 'x-api-key': 'b' },
      { mode: 'api_key', scheme: 'x-api-key' },
    ],
    [{ authorization: '   ', cookie: 'a=b' }, { mode: 'cookie' }],
    [{ authorization: ['Bearer a', 'Basic b'] }, { mode: 'bearer', scheme: 'Bearer' }],
    [{ authorization: 5, cookie: 'a=b' }, { mode: 'cookie' }],
    [{ 'x-api-key': '', cookie: 'a=b' }, { mode: 'cookie' }],
    [{ cookie: 'a=b' }, { mode: 'cookie' }],
    [{ Cookie: 'a=b' }, { mode: 'cookie' }],
    [{ cookie: '' }, { mode: 'none' }],
    [{ 'set-cookie': 'a=b', accept: '*/*' }, { mode: 'none' }],
    [{}, { mode: 'none' }],
  ])('of %j is %j', (headers, expected) => {
    expect(detectAuthMode(headers)).toStrictEqual(expected)
  })

  it('is read from Headers and pairs too', () => {
    expect(detectAuthMode(new Headers({ Authorization: 'Bearer a' }))).toStrictEqual({
      mode: 'bearer',
      scheme: 'Bearer',
    })
    expect(detectAuthMode([['AUTHORIZATION', 'Basic a']])).toStrictEqual({ mode: 'basic', scheme: 'Basic' })
  })

  it('does not throw for what cannot be read', () => {
    const hostile = {
      get authorization(): string {
        throw new Error('no')
      },
      cookie: 'a=b',
    }
    expect(detectAuthMode(hostile)).toStrictEqual({ mode: 'cookie' })
  })

  it('takes no more than linear time', () => {
    expect(detectAuthMode({ authorization: 'a'.repeat(1_000_000) })).toStrictEqual({ mode: 'other' })
    expect(detectAuthMode({ authorization: ' '.repeat(1_000_000) })).toStrictEqual({ mode: 'none' })
  })
})
