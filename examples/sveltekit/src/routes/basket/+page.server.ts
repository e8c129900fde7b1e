import type { PageServerLoad } from './$types'

export const load: PageServerLoad = ({ url }) => {
  const items = url.searchParams.getAll('sku')
  if (items.length === 0) throw new TypeError('The basket is empty')
  return { items }
}
