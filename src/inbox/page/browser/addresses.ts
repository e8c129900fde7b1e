/** The path that the pages are below: none on one's own machine, a project's in a team's inbox. */
const base = document.documentElement.dataset['base'] ?? ''

/** The address of a path of the inbox's. */
export const addressOf = (path: string): string => base + path

/** The path that an address has in the inbox. */
export const pathOf = (address: string): string => address.slice(base.length)
