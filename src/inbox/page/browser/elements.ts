type Kind<Found extends Element> = abstract new () => Found

/** @returns the element of this id, where the page has one of this kind */
export function findElement<Found extends Element>(
  id: string,
  kind: Kind<Found>,
  page: Document = document,
): Found | undefined {
  const found = page.getElementById(id)
  // A page that was read by a DOMParser has its elements from this window's classes too.
  return found instanceof kind ? found : undefined
}

/**
 * An element that the page always has.
 *
 * @throws {Error} where it has none of this kind
 */
export function getElement<Found extends Element>(id: string, kind: Kind<Found>, page: Document = document): Found {
  const found = findElement(id, kind, page)
  if (!found) throw new Error(`The page has no ${kind.name} #${id}`)
  return found
}

/** Where an event of the page began: its target, where that is an element. */
export function targetOf(event: Event): Element | undefined {
  return event.target instanceof Element ? event.target : undefined
}

/** What the page is, as the server wrote it. */
export function pageKind(): string | undefined {
  return document.body.dataset['page']
}
