import { describe, expect, it } from 'vitest'
import { type BodyPlan, payloadOf, planBody } from '../../src/body/payload.ts'
import { recordRequestBody } from '../../src/body/record.ts'
import { payloadValue } from '../support/payload.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)
const planOf = (contentType: string, more: Record<string, string> = {}) =>
  planBody(new Headers({ 'content-type': contentType, ...more }), 'request')
const whole = (content: string | Uint8Array<ArrayBuffer>) => ({
  content,
  sizeBytes: typeof content === 'string' ? bytesOf(content).length : content.length,
  complete: true,
})

/** A form as browsers send it: UTF-8 names, a file that is no UTF-8, a file input that was left empty. */
const FORM_TYPE = 'multipart/form-data; boundary="b o u n d"'
const FORM = Buffer.concat([
  ...[
    ['title', '', 'value-secret'],
    ['città', '', 'value-secret: ö'],
    ['password', '', 'value-secret'],
    ['sk_live_abcdefghijklmnop', '', 'value-secret'],
    ['title', '', 'again'],
    ['none', '; filename=""\r\nContent-Type: application/octet-stream', ''],
  ].map(([name, more, value]) =>
    Buffer.from(`--b o u n d\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${value}\r\n`),
  ),
  Buffer.from(
    '--b o u n d\r\nContent-Disposition: form-data; name="photo"; filename="naïve 文.png"\r\nContent-Type: image/png\r\n\r\n',
  ),
  Buffer.alloc(3000, 0xff),
  Buffer.from('\r\n--b o u n d--\r\n'),
])
const FORM_BYTES = new Uint8Array(FORM)

describe('a multipart body', () => {
  it('is its field names, and its files by name, type and size', async () => {
    const payload = await payloadOf(whole(FORM_BYTES), planOf(FORM_TYPE), 10_000)
    expect(payload).toEqual({
      fields: ['title', 'città', 'password', 'sk_live_abcdefghijklmnop'],
      files: [
        { name: 'none', fileName: '', contentType: 'application/octet-stream', sizeBytes: 0 },
        { name: 'photo', fileName: 'naïve 文.png', contentType: 'image/png', sizeBytes: 3000 },
      ],
    })
  })

  it('is copied as bytes: text would change what a file weighs', async () => {
    const message = new Request('http://h/', {
      method: 'POST',
      body: FORM_BYTES,
      headers: { 'content-type': FORM_TYPE },
    })
    const record = recordRequestBody(message, 10_000)
    expect(new Uint8Array(await message.arrayBuffer())).toEqual(FORM_BYTES)
    expect(await record?.(false)).toMatchObject({ files: [{}, { sizeBytes: 3000 }] })
  })

  it.each([
    ['at the limit', FORM.length, { fields: expect.anything() }],
    ['over the limit', FORM.length - 1, { captured: false, sizeBytes: FORM.length, contentType: FORM_TYPE }],
  ])('%s has no preview, in which values would show', async (_, limit, expected) => {
    const payload = await payloadOf(whole(FORM_BYTES), planOf(FORM_TYPE), limit)
    expect(payload).toMatchObject(expected)
    expect(JSON.stringify(payload)).not.toContain('value-secret')
  })

  it('over the limit by its header is not copied', async () => {
    const headers = { 'content-type': FORM_TYPE, 'content-length': String(FORM.length) }
    const message = new Request('http://h/', { method: 'POST', body: FORM_BYTES, headers })
    expect(await recordRequestBody(message, 100)?.(false)).toEqual({
      captured: false,
      reason: 'Large multipart request body not captured',
      contentType: FORM_TYPE,
      sizeBytes: FORM.length,
    })
  })

  it.each([
    ['has no boundary', 'multipart/form-data', FORM_BYTES],
    ['has another boundary', 'multipart/form-data; boundary=other', FORM_BYTES],
    ['ends in the middle', FORM_TYPE, FORM_BYTES.slice(0, 200)],
    ['is no form', 'multipart/mixed; boundary="b o u n d"', FORM_BYTES],
    ['is empty', FORM_TYPE, new Uint8Array()],
    ['was told as text', FORM_TYPE, 'value-secret'],
  ])('that %s is told of', async (_, contentType, content) => {
    const plan = planOf(contentType, { 'content-length': '7' })
    expect(await payloadOf(whole(content), plan, 10_000)).toEqual({
      captured: false,
      reason: 'Multipart request body not captured',
      contentType,
      sizeBytes: 7,
    })
  })

  it('that did not come whole is told of, by what came', async () => {
    const seen = { content: FORM_BYTES.slice(0, 200), sizeBytes: 200, complete: false }
    expect(await payloadOf(seen, planOf(FORM_TYPE), 10_000)).toEqual({
      captured: false,
      reason: 'The request body did not arrive whole',
      sizeBytes: 200,
    })
  })
})

describe('a body that its host has', () => {
  it.each([
    ['application/json', '{"é":1}', { é: 1 }],
    ['application/x-www-form-urlencoded', 'a=%C3%A9', { a: 'é' }],
    ['text/plain', 'é', 'é'],
    ['', 'é', 'é'],
  ])('of type %o is the same as text and as UTF-8', async (contentType, text, payload) => {
    for (const content of [text, bytesOf(text)]) {
      const read = await payloadOf(whole(content), planOf(contentType), 100)
      expect(JSON.stringify(payloadValue(read))).toBe(JSON.stringify(payload))
    }
  })

  it('of a binary type has the size that was counted where no header tells', async () => {
    const marker = { captured: false, reason: 'Binary request body not captured', contentType: 'image/png' }
    const seen = whole(new Uint8Array(9))
    expect(await payloadOf(seen, planOf('image/png'), 100)).toEqual({ ...marker, sizeBytes: 9 })
    const told = planOf('image/png', { 'content-length': '8' })
    expect(await payloadOf(seen, told, 100)).toEqual({ ...marker, sizeBytes: 8 })
  })

  it('over the limit is a preview, with its whole size as far as it is known', async () => {
    const seen = { content: bytesOf('abc'), sizeBytes: 4, complete: false }
    const shown = async (plan: BodyPlan): Promise<unknown> => payloadValue(await payloadOf(seen, plan, 3))
    expect(await shown(planOf('text/plain'))).toEqual({ originalSizeBytes: 4, sizeIsMinimum: true, beginning: 'abc' })
    const known = planOf('text/plain', { 'content-length': '50' })
    expect(await shown(known)).toEqual({ originalSizeBytes: 50, beginning: 'abc' })
  })
})

describe('what headers tell of a body', () => {
  it.each([
    ['12', 12],
    ['0', 0],
    ['', undefined],
    ['-1', undefined],
    ['1, 1', undefined],
    ['1e3', undefined],
    ['9'.repeat(16), undefined],
  ])('of length %o is %o', (value, length) => {
    const headers = { get: (name: string) => (name === 'content-length' ? value : null) }
    expect(planBody(headers, 'response').length).toBe(length)
  })

  it.each([
    ['gzip', 'Encoded request body not captured'],
    ['identity', undefined],
  ])('encoded as %s', (encoding, reason) => {
    const { marker } = planOf('application/json', { 'content-encoding': encoding })
    expect(marker && Reflect.get(marker, 'reason')).toBe(reason)
  })
})
