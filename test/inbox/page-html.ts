import type { ReplayStackEvent } from '../../src/types.ts'
import type { TestApp } from './test-app.ts'

/** A tag as it stands in a page, its attributes decoded. */
export interface Tag {
  name: string
  attributes: Record<string, string>
}

export interface HtmlPage {
  status: number
  headers: Headers
  html: string
  tags: Tag[]
  /** What is between the tags, decoded; white space is one space. */
  text: string
}

/** Asks for a page as a browser does. */
export async function getPage({ app }: Pick<TestApp, 'app'>, path: string): Promise<HtmlPage> {
  const response = await app.request(path, { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } })
  const html = await response.text()
  return { status: response.status, headers: response.headers, html, ...readHtml(html) }
}

/** Posts an event and answers its id. */
export async function postEvent({ post }: Pick<TestApp, 'post'>, event: ReplayStackEvent): Promise<string> {
  const { json } = await post('events', event)
  const { data }: { data?: { eventId?: string } } = Object(json)
  if (data?.eventId === undefined) throw new Error(`The event was not accepted: ${JSON.stringify(json)}`)
  return data.eventId
}

const TAG = /<(?:!doctype html|\/[a-z][a-z\d]*|([a-z][a-z\d]*)((?:\s+[a-zA-Z][\w-]*(?:="[^"]*")?)*)\s*\/?)>/g

/** Reads what this package writes: each `<` begins a tag, each attribute is quoted. Throws for any other HTML. */
export function readHtml(html: string): Pick<HtmlPage, 'tags' | 'text'> {
  const tags: Tag[] = []
  const rest = html.replace(TAG, (_tag, name?: string, attributes = '') => {
    if (name !== undefined) tags.push({ name, attributes: readAttributes(attributes) })
    return ' '
  })
  const stray = /.{0,40}[<>].{0,40}/.exec(rest)
  if (stray) throw new Error(`Not a tag that the page writes: ${stray[0]}`)
  return { tags, text: decode(rest).replace(/\s+/g, ' ') }
}

function readAttributes(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/([a-zA-Z][\w-]*)(?:="([^"]*)")?/g)].map(([, name = '', value = '']) => [name, decode(value)]),
  )
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' }

function decode(text: string): string {
  return text.replace(/&(lt|gt|quot|#39|amp);/g, (entity, name: string) => ENTITIES[name] ?? entity)
}

/** What a page must not have in it, whoever wrote its text. */
export function findDanger(tags: readonly Tag[]): string[] {
  return tags.flatMap(({ name, attributes }) => [
    ...(name === 'script' && !/^\/assets\/(inbox|team|settings)\.[\da-f]{12}\.js$/.test(attributes['src'] ?? '')
      ? ['script']
      : []),
    ...(/^(style|iframe|object|embed|base|img|template|math)$/.test(name) ? [name] : []),
    ...Object.keys(attributes).filter(attribute => /^(on|style$|srcdoc$|formaction$)/i.test(attribute)),
    ...['href', 'src', 'action']
      .map(attribute => attributes[attribute])
      .filter(url => url !== undefined && !/^(\/(?!\/)|#|https?:\/\/)/.test(url))
      .map(url => `${name} to ${url}`),
  ])
}
