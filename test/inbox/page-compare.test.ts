import { describe, expect, it } from 'vitest'
import { isLikelyNoise } from '../../src/inbox/replay/likely-noise.ts'
import type { ReplayStackEvent } from '../../src/types.ts'
import { createSampleEvent } from './sample-event.ts'
import { createTestApp } from './test-app.ts'

const IDS = ['7f1d2c3b-1111-4222-8333-444455556666', '0a9b8c7d-9999-4888-8777-666655554444'] as const

const asks = (html: boolean) => ({ headers: { accept: html ? 'text/html' : '*/*' } })

async function keepTwo(first: Partial<ReplayStackEvent>, second: Partial<ReplayStackEvent>) {
  const { app, post } = createTestApp()
  const ids: string[] = []
  for (const fields of [first, second]) {
    const { json } = await post('events', createSampleEvent({ method: 'POST', endpoint: '/orders', ...fields }))
    const { data }: { data: { eventId: string } } = Object(json)
    ids.push(data.eventId)
  }
  const [one = '', other = ''] = ids
  const page = async (path: string, html = true) => {
    const response = await app.request(path, asks(html))
    return { status: response.status, text: await response.text() }
  }
  return { one, other, page }
}

describe('/events/:id/compare/:other', () => {
  it('marks what differs in its place, names ids and times, and has a way to swap sides', async () => {
    const { one, other, page } = await keepTwo(
      { status: 'success', statusCode: 200, responsePayload: { id: IDS[0], total: 12, items: ['a'] } },
      { status: 'failed', statusCode: 500, responsePayload: { id: IDS[1], total: 13, items: ['a'] } },
    )
    const { status, text } = await page(`/events/${one}/compare/${other}`)
    expect(status).toBe(200)
    expect(text).toContain(`href="/events/${other}/compare/${one}"`)
    expect(text).toContain('<del>200</del>')
    expect(text).toContain('<ins>500</ins>')
    expect(text).toMatch(/class="line-changed"><th scope="row">≠<\/th><td><del>\s*&quot;total&quot;: 12/)
    expect(text).toMatch(/class="line-noise"><th scope="row">noise<\/th><td>\s*&quot;id&quot;/)
    expect(text).toContain('3 differences, beside 1 id or time')
    expect(text.replace(/<[^>]*>/g, '')).toContain('Ids and times, by their looks: response body.id.')
    expect(text).toContain('No difference in: build, request, calls, error.')
  })

  it('is plain text for who asks for no HTML, JSON in the API, and not there for an unknown event', async () => {
    const { one, other, page } = await keepTwo({ statusCode: 200 }, { statusCode: 404 })
    expect((await page(`/events/${one}/compare/${other}`, false)).text).toMatch(/status\s+200/)
    const { data } = JSON.parse((await page(`/api/v1/events/${one}/compare/${other}`, false)).text)
    expect(data).toMatchObject({ same: false, noise: [], parts: { response: [{ path: 'statusCode' }] } })
    for (const path of [`/events/${one}/compare/nobody`, `/events/nobody/compare/${one}`]) {
      expect([(await page(path)).status, (await page(`/api/v1${path}`, false)).status]).toEqual([404, 404])
    }
  })

  it('is one click from a failure whose route has succeeded', async () => {
    const { one, other, page } = await keepTwo(
      { status: 'success', statusCode: 200 },
      { status: 'failed', statusCode: 500 },
    )
    expect((await page(`/events/${other}`)).text).toContain(
      `id="compare-success" href="/events/${one}/compare/${other}"`,
    )
    expect((await page(`/events/${one}`)).text).not.toContain('compare-success')
  })
})

describe('likely noise', () => {
  const isNoise = (path: string, original: string, replayed: string) =>
    isLikelyNoise({ path, kind: 'changed', original, replayed })

  it.each([
    ['body.id', `"${IDS[0]}"`, `"${IDS[1]}"`],
    ['body.at', '"2026-03-01T10:00:00.123Z"', '"2026-03-02T11:30:00Z"'],
    ['body.at', '1772359200000', '1772359200999'],
    ['body.id', '"ord_7f3a9c2e41d0"', '"ord_11aa22bb33cc"'],
    ['header x-run', IDS[0], IDS[1]],
    ['errorMessage', 'Order 17 is gone', 'Order 18 is gone'],
  ])('%s: %s and %s', (...difference) => {
    expect(isNoise(...difference)).toBe(true)
  })

  it.each([
    ['body.total', '12', '13'],
    ['body.id', `"${IDS[0]}"`, 'null'],
    ['body.id', '"ord_7f3a9c2e41d0"', '"cus_11aa22bb33cc"'],
    ['body.sku', '"book-1"', '"book-2"'],
    ['body.name', '"internationalization"', '"internationalisation"'],
    ['errorMessage', 'Order 17 is gone', 'Order 17 is late'],
    ['statusCode', '200', '500'],
    ['commitHash', 'a7f91c2a7f91c2a7f91c2', 'b7f91c2a7f91c2a7f91c2'],
  ])('not %s: %s and %s', (...difference) => {
    expect(isNoise(...difference)).toBe(false)
  })
})
