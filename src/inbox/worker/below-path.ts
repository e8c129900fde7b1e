/**
 * The pages' addresses begin at the root. A team's inbox has each project's pages below a path of its own: as they leave, what
 * begins by `/` is made to begin by that path.
 */
import { assets } from '../page/assets.ts'

interface Element {
  getAttribute(name: string): string | null
  setAttribute(name: string, value: string): unknown
}

declare class HTMLRewriter {
  on(selector: string, handlers: { element(element: Element): void }): HTMLRewriter
  transform(response: Response): Response
}

const ATTRIBUTES = ['href', 'src', 'action', 'formaction']

/** The same for every project: they are served at the root. */
const shared = new Set(Object.values(assets).map(({ path }) => path))

/** The response, with its own addresses below `path`, which the page's script reads from `html`. */
export function moveBelow(path: string, response: Response): Response {
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
  return rewriter.transform(response)
}
