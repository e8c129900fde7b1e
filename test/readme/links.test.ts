/** Where the README's links go: to a file that is there, a heading that is there, a picture that is small. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { root } from '../package/bundle-entry.ts'
import { prose } from './read-readme.ts'

/** A heading's anchor, as GitHub makes it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')

const anchors = [...prose.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading))
const links = [...new Set([...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link))]
const files = links.filter(link => !/^(#|https?:)/.test(link))

describe('a link', () => {
  test.each(files)('%s is there', link => {
    expect(existsSync(join(root, link))).toBe(true)
  })

  test.each(links.filter(link => link.startsWith('#')))('%s is a heading', link => {
    expect(anchors.filter(anchor => `#${anchor}` === link)).toHaveLength(1)
  })

  test('goes to the pages beside it, and to no other host', () => {
    for (const page of ['.github/SECURITY.md', '.github/CONTRIBUTING.md', 'CHANGELOG.md', 'docs'])
      expect(files).toContain(page)
    expect(links.filter(link => /^https?:/.test(link))).toEqual([])
  })
})

test.each(files.filter(link => link.endsWith('.png')))('%s is a picture of less than 200 kB', link => {
  const path = join(root, link)
  const bytes = readFileSync(path)
  expect(bytes.subarray(1, 4).toString()).toBe('PNG')
  // As IHDR has them.
  expect(bytes.readUInt32BE(16)).toBeGreaterThanOrEqual(800)
  expect(statSync(path).size).toBeLessThan(200_000)
})

test('a picture says what it shows', () => {
  const pictures = [...prose.matchAll(/!\[(.*?)\]/g)]
  expect(pictures).toHaveLength(2)
  for (const [, text = ''] of pictures) expect(text.length).toBeGreaterThan(20)
})
