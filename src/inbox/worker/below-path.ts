/**
 * The pages' addresses begin at the root. A team's inbox has each project's pages below a path of its own: as they leave, what
 * begins by `/` is made to begin by that path.
 */
import { assets } from '../page/assets.ts'

interface Element {
  getAttribute(name: string): string | null
  setAttribute(name: string, value: string): unknown
  setInnerContent(text: string): unknown
  append(text: string, options: { html: true }): unknown
}

declare class HTMLRewriter {
  on(selector: string, handlers: { element(element: Element): void }): HTMLRewriter
  transform(response: Response): Response
}

const ATTRIBUTES = ['href', 'src', 'action', 'formaction']

/** The same for every project: they are served at the root. */
const shared = new Set(Object.values(assets).map(({ path }) => path))

/**
 * The response of a project, with its own addresses below the project's path, which the page's script reads from `html`. The mark
 * leads to all projects, for nothing else does.
 */
export function moveBelow(project: string, response: Response): Response {
  const path = `/projects/${project}`
  const location = response.headers.get('location')
  if (location?.startsWith('/')) {
    const moved = new Response(response.body, response)
    moved.headers.set('location', path + location)
    return moved
  }
  if (!response.headers.get('content-type')?.startsWith('text/html')) return response
  const rewriter = new HTMLRewriter().on('html', { element: element => element.setAttribute('data-base', path) })
  for (const name of ATTRIBUTES) {
    rewriter.on(`[${name}^="/"]`, {
      element(element) {
        const address = element.getAttribute(name) ?? ''
        if (!shared.has(address)) element.setAttribute(name, path + address)
      },
    })
  }
  return (
    rewriter
      // They are a team's alone.
      .on('.top-navigation', {
        element: element => element.append(`<a href="${path}/alerts">Alerts</a>`, { html: true }),
      })
      .on('a.brand', {
        element(element) {
          element.setAttribute('href', '/')
          element.setAttribute('title', 'All projects')
        },
      })
      .on('.brand-part', { element: element => element.setInnerContent(`/ ${project}`) })
      .transform(response)
  )
}
