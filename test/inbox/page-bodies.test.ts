import { describe, expect, it } from 'vitest'
import { getPage, postEvent } from './page-html.ts'
import { createSampleEvent } from './sample-event.ts'
import { createTestApp } from './test-app.ts'

describe('a body as text', () => {
  it('is whole, where the page cuts it', async () => {
    const test = createTestApp()
    const text = `<b>${'x'.repeat(90_000)}</b>\n`
    const list = Array.from({ length: 1000 }, (_, index) => ({ index, text: 'y'.repeat(5000) }))
    const id = await postEvent(test, createSampleEvent({ requestPayload: text, responsePayload: list }))
    const request = await test.app.request(`/events/${id}/request-body`)
    expect(await request.text()).toBe(text)
    expect(request.headers.get('content-type')).toMatch(/^text\/plain/)
    expect(request.headers.get('x-content-type-options')).toBe('nosniff')
    const response = await test.app.request(`/events/${id}/response-body`)
    expect(await response.text()).toBe(JSON.stringify(list, null, 2))
    const { tags } = await getPage(test, `/events/${id}`)
    expect(tags.flatMap(({ attributes }) => attributes['data-copy-url'] ?? [])).toEqual(
      expect.arrayContaining([`/events/${id}/request-body`, `/events/${id}/response-body`]),
    )
  })

  it('is not there without an event or a body, nor for strangers', async () => {
    const test = createTestApp()
    const id = await postEvent(test, createSampleEvent({ requestPayload: null }))
    const ask = async (path: string, headers: Record<string, string> = {}) =>
      (await test.app.request(path, { headers })).status
    expect(await ask(`/events/${id}/request-body`)).toBe(200)
    expect(await ask(`/events/${id}/response-body`)).toBe(404)
    expect(await ask('/events/nobody/request-body')).toBe(404)
    expect(await ask(`/events/${id}/request-body`, { host: 'evil.example' })).toBe(403)
    expect(await ask(`/events/${id}/request-body`, { origin: 'https://evil.example' })).toBe(403)
  })

  it('that is nested too deeply is refused', async () => {
    const test = createTestApp()
    const deep = `${'['.repeat(100_000)}1${']'.repeat(100_000)}`
    const { json } = await test.post(
      'events',
      JSON.stringify(createSampleEvent({ requestPayload: 7 })).replace('7', deep),
    )
    const id = String(Object(Object(json).data).eventId)
    expect((await test.app.request(`/events/${id}/request-body`)).status).toBe(400)
  })
})
