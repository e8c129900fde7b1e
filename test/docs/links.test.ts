/** Where links of the pages go: to a file that is there, a heading that is there, a picture that is small. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, test } from 'vitest'
import { root } from '../package/bundle-entry.ts'
import { pages, readPage } from './read-pages.ts'

/** A heading's anchor, as GitHub makes it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')

const anchorsOf = (path: string): string[] =>
  [...readPage(path).prose.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading))

/** Each link of a page: the file that it leads to, below the root, and the heading in it. */
const links = pages.flatMap(({ path, prose }) =>
  [...new Set([...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link))].map(link => {
    const [file = '', anchor] = link.split('#')
    return { page: path, link, target: file === '' ? path : normalize(join(dirname(path), file)), anchor }
  }),
)
const ofPage = (path: string): string[] => links.filter(({ page }) => page === path).map(({ target }) => target)

describe('a link', () => {
  test.each(links)('$page: $link is there', ({ target, anchor }) => {
    expect(existsSync(join(root, target))).toBe(true)
    if (anchor !== undefined) expect(anchorsOf(target).filter(one => one === anchor)).toHaveLength(1)
  })

  test('goes to no other host, but for ReplayStack and for this machine', () => {
    const hosts = pages.flatMap(({ prose }) =>
      [...prose.matchAll(/[(<](https?:\/\/[^)>\s]+)[)>]/g)].map(([, url]) => url),
    )
    expect([...new Set(hosts)].sort()).toEqual(['http://127.0.0.1:4319', 'https://www.replaystack.co'])
  })
})

test('the README leads to the pages beside it, and to every example', () => {
  const targets = ofPage('README.md')
  for (const page of ['.github/SECURITY.md', '.github/CONTRIBUTING.md', 'CHANGELOG.md', 'docs/README.md']) {
    expect(targets).toContain(page)
  }
  for (const name of readdirSync(join(root, 'examples'))) expect(targets).toContain(`examples/${name}`)
})

test('every page is found from the contents, and every host from the README', () => {
  const contents = ofPage('docs/README.md')
  const others = pages.map(({ path }) => path).filter(path => path !== 'README.md' && path !== 'docs/README.md')
  for (const path of others) expect(contents).toContain(path)
  expect(ofPage('README.md')).toEqual(expect.arrayContaining(others.filter(path => path.startsWith('docs/hosts/'))))
})

test.each(links.filter(({ target }) => target.endsWith('.png')))(
  '$target is a picture of less than 200 kB',
  ({ target }) => {
    const bytes = readFileSync(join(root, target))
    expect(bytes.subarray(1, 4).toString()).toBe('PNG')
    // As IHDR has them.
    expect(bytes.readUInt32BE(16)).toBeGreaterThanOrEqual(800)
    expect(statSync(join(root, target)).size).toBeLessThan(200_000)
  },
)

test('a picture says what it shows', () => {
  const pictures = pages.flatMap(({ prose }) => [...prose.matchAll(/!\[(.*?)\]/g)])
  expect(pictures).toHaveLength(4)
  for (const [, text = ''] of pictures) expect(text.length).toBeGreaterThan(20)
})
