import { describe, expect, it } from 'vitest'
import { routeFromParams } from '../../src/observe/route.ts'
import { expectLinearTime } from '../support/linear-time.ts'

describe('the route of a path', () => {
  it.each<[string, object, string]>([
    ['/api/orders/7', { id: '7' }, '/api/orders/[id]'],
    ['/api/orders/7/', { id: '7' }, '/api/orders/[id]'],
    ['/7', { id: '7' }, '/[id]'],
    ['/shops/north/orders/7', { shop: 'north', id: '7' }, '/shops/[shop]/orders/[id]'],
    ['/shops/7/orders/7', { shop: '7', id: '7' }, '/shops/[shop]/orders/[id]'],
    ['/docs/a/b/c', { slug: ['a', 'b', 'c'] }, '/docs/[...slug]'],
    ['/docs/docs', { slug: ['docs'] }, '/docs/[...slug]'],
    ['/en/docs/en/x', { lang: 'en', slug: ['en', 'x'] }, '/[lang]/docs/[...slug]'],
    ['/docs/7', { id: '7', slug: undefined }, '/docs/[id]'],
    ['/docs/7', { id: '7', slug: [] }, '/docs/[id]'],
    ['/caf%C3%A9/a%2Fb', { name: 'café', part: 'a/b' }, '/[name]/[part]'],
    ['/caf%C3%A9/7', { name: 'caf%C3%A9' }, '/[name]/7'],
    ['/docs/caf%C3%A9/%E2%82%AC', { slug: ['café', '€'] }, '/docs/[...slug]'],
    ['/orders/%E0%A4%A', { id: '%E0%A4%A' }, '/orders/[id]'],
  ])('%s with %j is %s', (path, params, route) => {
    expect(routeFromParams(path, params)).toBe(route)
  })

  it.each<[string, unknown]>([
    ['/users/users', { id: 'users' }],
    ['/orders/7', { id: '8' }],
    ['/orders/7/8', { second: '8', first: '7' }],
    ['/orders/7', { slug: ['x', 'orders', '7', 'y'] }],
    ['/orders/7', { slug: ['8'] }],
    ['/orders/7', { id: '' }],
    ['/orders/7', { id: 7 }],
    ['/orders/7', { slug: ['orders'], id: '7' }],
    ['/orders/7', { slug: { id: '7' } }],
    ['/orders', {}],
    ['/orders', undefined],
    ['/orders', null],
    ['/orders', 'orders'],
  ])('%s with %j is not known', (path, params) => {
    expect(routeFromParams(path, params)).toBeUndefined()
  })

  it('is found in linear time', () => {
    const path = (characters: number) => '/x'.repeat(characters / 2)
    expect(routeFromParams(path(8_000), { a: 'x', b: 'x', c: 'x' })).toBeUndefined()
    expectLinearTime(path, text => routeFromParams(text, { a: 'x', b: 'x', c: 'x', d: 'y' }))
    expectLinearTime(path, text => routeFromParams(text, { a: 'x', b: 'x', c: 'x' }))
  })
})
