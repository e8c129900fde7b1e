/** What `personalData()` masks and leaves. Long, because of its tables. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { withReplayStack } from '../../src/adapters/fetch.ts'
import { maskStrings } from '../../src/mask/json.ts'
import { compileMaskNames } from '../../src/mask/names.ts'
import { MASKED, maskText } from '../../src/mask/text.ts'
import { personalData } from '../../src/masks/index.ts'
import { expectNoSecrets } from '../../src/testing.ts'
import { runs } from '../support/fuzz.ts'
import { expectLinearTime } from '../support/linear-time.ts'
import { createRecordedClient } from '../support/recorded-client.ts'
import { TEXT_PIECES } from '../support/text-pieces.ts'

const names = compileMaskNames([], [personalData()])
const mask = (text: string): string => maskText(text, names)
const maskedByDefault = (text: string): string => maskText(text, compileMaskNames())

const EMAIL_ADDRESSES = [
  ...['ann@example.com', "ann.o'brien+shop@mail.example.co.uk", 'a_b-c%d@sub.example.museum', 'x@y.de'],
  ...['müller@bücher.de', '用户@例子.中国', 'иван@пример.рф', 'ann@xn--bcher-kva.example', 'राम@उदाहरण.भारत'],
]
const PHONE_NUMBERS = [
  // International.
  ...[
    '+49 30 123456',
    '+49 (0)151 234 5678',
    '+4915112345678',
    '0049 30 1234567',
    '+1 415 555 2671',
    '+1.415.555.2671',
  ],
  ...[
    '+44 20 7946 0958',
    '+33 6 12 34 56 78',
    '+86 138 1234 5678',
    '+91-98765-43210',
    '+55 11 91234-5678',
    '+358 40 1234567',
  ],
  ...[
    '+81 90‑1234‑5678',
    '+7 (912) 345-67-89',
    '+971 50 123 4567',
    '+61 2 9876 5432',
    '+27 21 123 4567',
    '+48 512 345 678',
  ],
  // North America.
  ...['(415) 555-2671', '(415)555-2671', '415-555-2671', '415.555.2671', '1-415-555-2671', '415 555 2671'],
  // Germany, France, the United Kingdom, Japan, Korea, Australia, Brazil, Italy, Spain, China, Austria.
  ...[
    '030 1234567',
    '0151/23456789',
    '0176 12345678',
    '(0171) 1234567',
    '06 12 34 56 78',
    '06.12.34.56.78',
    '020 7946 0958',
  ],
  ...[
    '03-1234-5678',
    '010-1234-5678',
    '(02) 9876 5432',
    '(11) 91234-5678',
    '06 1234567',
    '612 34 56 78',
    '138 1234 5678',
    '0664 123 45 67',
  ],
]
const LABELLED = [
  ...[
    'Tel. 98765 43210',
    'phone: 5552671',
    'Phone number: 612 345 678',
    'fax 5551234567',
    'Handy: 15112345678',
    'mobile=9876543210',
  ],
  ...['телефон: 8 912 345 67 89', '电话：13812345678', 'móvil: 612 345 678', 'tel:5552671'],
]
const IBANS = [
  ...['DE89370400440532013000', 'DE89 3704 0044 0532 0130 00', 'de89370400440532013000', 'GB82 WEST 1234 5698 7654 32'],
  ...[
    'FR1420041010050500013M02606',
    'NL91ABNA0417164300',
    'NO9386011117947',
    'MT84MALT011000012345MTLCAST001S',
    'CH93-0076-2011-6238-5295-7',
  ],
]
const IP_ADDRESSES = [
  ...[
    '203.0.113.7',
    '10.1.2.3',
    '192.168.1.10',
    '255.254.253.252',
    '2001:db8::1',
    '2001:0db8:85a3:0000:0000:8a2e:0370:7334',
  ],
  ...['fe80::1', 'fd12:3456:789a::1', '::ffff:203.0.113.7', '64:ff9b::203.0.113.7', '2001:DB8::'],
]
const ALL = [...EMAIL_ADDRESSES, ...PHONE_NUMBERS, ...IBANS, ...IP_ADDRESSES]

/** What looks like one and is none. */
const OTHERS = [
  ...['git@github.com:a/b.git', 'logo@2x.png', 'sprite@3x.webp', 'react@18.2.0', 'pkg@1.0.0-rc.beta', '@types/node'],
  ...['handle@https://example.com/app.js:10:5', 'fn@app.js:1:2', 'user@localhost', 'a @ b.c', '@user.name', 'me@'],
  ...['2026-01-02', '01-02-2024 10:30', '05/06/2024 12:30', '05.06.2024', '1704067200000', '1700000000', '1234567890'],
  ...['02139-4307', '<Buffer 00 01 02 03 04 05 06>', 'a +12345 b', 'f4b1d4e3-0000-4000-8000-0123456789ab', '10-20-30'],
  ...[
    '0.5 0.25 0.125 0.0625',
    '2026-11-28T16:30:00.123+0100',
    '1,234,567,890',
    'order 17-2026-000123',
    'sms sent 3 times',
  ],
  ...['DE89370400440532013001', 'AB12345678901234567890', 'DE8937040044053201300', 'XDE89370400440532013000'],
  ...[
    '127.0.0.1',
    '0.0.0.0',
    '255.255.255.255',
    'Mozilla/5.0 Chrome/120.0.0.0 Safari/537.36',
    'Version 1.2.3.4',
    'v1.2.3.4',
  ],
  ...['OPR/106.1.2.3', '1.2.3.4.5', '256.1.1.1', 'pkg-1.2.3.4.tgz', '1.2.3.4-beta', 'ip-10-0-0-1', '1.3.6.1.4.1.311'],
  ...['::1', '::', 'std::vector', 'a::b', 'dead::beef', '12:34:56:78', '00:1a:2b:3c:4d:5e', 'fn::<2>', '2:3::'],
]

describe('personalData()', () => {
  it.each(ALL)('masks %s, alone and in a text', text => {
    expect(mask(text)).toBe(MASKED)
    expect(mask(`from ${text}, today`)).toBe(`from ${MASKED}, today`)
    expect(mask(`(${text})`)).toBe(`(${MASKED})`)
    expect(mask(`first\\n${text}\\nlast`)).toBe(`first\\n${MASKED}\\nlast`)
    expect(mask(`{"a":"x\\n${text}"}`)).toBe(`{"a":"x\\n${MASKED}"}`)
    expect(mask(`a=${encodeURIComponent(text)}&b=1`)).toBe(`a=${MASKED}&b=1`)
    expect(mask(encodeURIComponent(JSON.stringify({ a: text })))).not.toContain(encodeURIComponent(text))
    expect(maskStrings(JSON.stringify({ a: [`\n${text}`] }), names)).toBe(JSON.stringify({ a: [`\n${MASKED}`] }))
    expect(mask(Buffer.from(JSON.stringify({ customerContact: text })).toString('base64'))).toBe(MASKED)
    expect(maskedByDefault(`from ${text}, today`)).toBe(`from ${text}, today`)
  })

  it.each(LABELLED)('masks the number in %s', text => {
    const [label = ''] = /^[\D]+/.exec(text) ?? []
    expect(mask(text)).toBe(label + MASKED)
  })

  it.each(OTHERS)('leaves %s', text => {
    for (const around of [text, `in ${text} there`, `{"a":"${text}"}`, `"${text}"`]) expect(mask(around)).toBe(around)
  })

  it('masks whatever stands under the name of a phone', async () => {
    const recorded = createRecordedClient({ masks: [personalData()] })
    const payload = {
      phone: 4915112345678,
      mobile: '98765 43210',
      'Phone-Number': '612345678',
      fax: ['5552671'],
      microphone: 'on',
    }
    await recorded.client.captureEvent({ requestPayload: payload })
    expect(recorded.events[0]?.requestPayload).toEqual({
      phone: MASKED,
      mobile: MASKED,
      'Phone-Number': MASKED,
      fax: MASKED,
      microphone: 'on',
    })
  })

  it('masks what it is asked for alone', () => {
    const some = compileMaskNames([], [personalData({ ipAddresses: false, phoneNumbers: false, ibans: true })])
    const text = 'ann@example.com, +49 30 123456, DE89370400440532013000, 203.0.113.7; phone=1234567'
    expect(maskText(text, some)).toBe('[MASKED], +49 30 123456, [MASKED], 203.0.113.7; phone=1234567')
    expect(some.hides('phone')).toBe(false)
  })

  it('refuses an option that there is not, or of the wrong type', () => {
    expect(() => personalData({ emails: true } as object)).toThrow(
      new TypeError('personalData has no option "emails".'),
    )
    expect(() => personalData({ ibans: 'no' } as object)).toThrow(
      new TypeError('The option "ibans" of personalData must be true or false; got string.'),
    )
  })
})

describe('personal data leaves in no field', () => {
  const planted = fc.constantFrom(...ALL)

  it('of any event', () =>
    fc.assert(
      fc.asyncProperty(planted, fc.constantFrom('', ' ', '\n', ', ', '"', '<', ' a\t'), async (text, gap) => {
        const recorded = createRecordedClient({ masks: [personalData()], logLevel: 'debug' })
        const inside = `of${gap === '' ? ' ' : gap}${text}${gap}`
        const nested = { a: [{ b: inside }], json: JSON.stringify({ c: inside }), [text]: 1 }
        const url = `https://shop.example/users/${encodeURIComponent(text)}?q=${encodeURIComponent(inside)}`
        recorded.client.addBreadcrumb(inside, { metadata: nested })
        recorded.client.captureLog({ level: 'info', message: inside, metadata: nested })
        await recorded.client.captureEvent({
          method: 'POST',
          endpoint: `/users/${encodeURIComponent(text)}`,
          requestUrl: url,
          requestHeaders: { from: inside, 'x-forwarded-for': `${text}, 192.0.2.1`, cookie: inside },
          requestPayload: nested,
          responseHeaders: { location: url },
          responsePayload: inside,
          errorName: inside,
          errorMessage: inside,
          stackTrace: `Error: ${inside}\n    at f (/app/${text}/a.js:1:2)`,
          sourceIp: text,
          userAgent: inside,
          metadata: nested,
        })
        expect(recorded.events).toHaveLength(1)
        expectNoSecrets(recorded.events, [text])
      }),
      runs(200),
    ))

  it('of a request', async () => {
    const recorded = createRecordedClient({ masks: [personalData()] })
    const handler = withReplayStack(
      async (request: Request) => Response.json({ echo: await request.text(), to: 'bo@example.com' }, { status: 500 }),
      { client: recorded.client },
    )
    const post = (body: string, type: string): Promise<Response> =>
      handler(
        new Request('https://shop.example/u/ann%40example.com?tel=%2B49%2030%20123456', {
          method: 'POST',
          headers: { 'content-type': type, 'x-forwarded-for': '203.0.113.7' },
          body,
        }),
      )
    await post('{"mail":"ann\\u0040example.com","n":98765432109876543210}', 'application/json')
    await post('mail=ann%40example.com&iban=DE89+3704+0044+0532+0130+00', 'application/x-www-form-urlencoded')
    await post('Write to ann@example.com', 'text/plain')
    await post('<mail>ann&#64;example.com</mail>', 'application/xml')
    await recorded.client.flush()
    expect(recorded.events).toHaveLength(4)
    expectNoSecrets(recorded.events, [
      'ann@example',
      'ann%40example',
      'bo@example.com',
      '123456',
      '203.0.113.7',
      '3704+0044',
      '3704 0044',
    ])
    expect(JSON.stringify(recorded.events[0]?.requestPayload)).toBe('{"mail":"[MASKED]","n":98765432109876540000}')
  })
})

describe('a mask', () => {
  it('finds in a JSON text all that it finds in its strings', () => {
    const piece = fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...ALL, ...OTHERS) },
      { weight: 2, arbitrary: fc.constantFrom(...TEXT_PIECES) },
      fc.string({ maxLength: 3 }),
    )
    const text = fc.array(piece, { maxLength: 5 }).map(pieces => pieces.join(''))
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), texts => {
        expect(JSON.parse(maskStrings(JSON.stringify(texts), names))).toEqual(texts.map(mask))
      }),
      runs(1_000),
    )
  })

  it('that throws costs the field that it throws in, and nothing else', async () => {
    const find = (text: string): void => {
      if (text.includes('boom')) throw new Error('mine')
    }
    const recorded = createRecordedClient({ masks: [{ find }] })
    recorded.client.addBreadcrumb('boom')
    recorded.client.addBreadcrumb('kept')
    await recorded.client.captureEvent({ endpoint: '/a', errorMessage: 'boom', metadata: { a: 1 } })
    expect(recorded.events).toMatchObject([{ endpoint: '/a', metadata: { a: 1 } }])
    expect(JSON.stringify(recorded.events)).not.toContain('boom')
    expect(JSON.stringify(recorded.events)).toContain('kept')
  })

  it('of an application’s own masks names and texts', async () => {
    const seats = {
      fields: ['seat'],
      find(text: string, found: (start: number, end: number) => void) {
        for (const { index, 0: seat } of text.matchAll(/\b[A-F]-\d\d\b/g)) found(index, index + seat.length)
      },
    }
    const recorded = createRecordedClient({ masks: [seats] })
    await recorded.client.captureEvent({ metadata: { seat: 5, at: 'row B-12' } })
    expect(recorded.events[0]?.metadata).toEqual({ seat: MASKED, at: `row ${MASKED}` })
  })
})

describe('takes no more than linear time', () => {
  const { find } = personalData()
  const read = (text: string): void => find(text, () => {})

  it.each<(n: number) => string>([
    ...[
      'a',
      'a@',
      'a.',
      '@',
      '@a.',
      'a@a.',
      "'@a.a",
      '\\u00e9',
      '\\',
      'é@é.',
      'a@a-',
      '1',
      '1 ',
      '+1',
      '+1 ',
      '01 ',
      '(1) ',
      '0049 ',
    ].map(piece => (n: number) => piece.repeat(n / piece.length)),
    ...[
      'tel ',
      'tel: ',
      'tel 1 ',
      'DE89',
      'DE89 ',
      'DE89370400440532013000',
      'a1b2',
      '1.',
      '1.1.1.1',
      '203.0.113.7 ',
      ':',
      'a:',
      '::',
    ].map(piece => (n: number) => piece.repeat(n / piece.length)),
    n => `${'a'.repeat(n / 2)}@${'a.'.repeat(n / 4)}`,
    n => `${'1'.repeat(n / 2)}${'.1'.repeat(n / 4)}`,
  ])('for %s', write => {
    expectLinearTime(write, read)
  })

  it.each(TEXT_PIECES)('for many of %j', piece => {
    expectLinearTime(characters => piece.repeat(characters / piece.length), read)
  })
})
