import { json } from '@sveltejs/kit'
import type { RequestHandler } from './$types'

export const POST: RequestHandler = async ({ request, params }) => {
  const { sku, quantity } = await request.json()
  if (quantity < 1) throw new RangeError(`Nobody orders ${quantity} × ${sku}`)
  return json({ id: params.id, sku }, { status: 201 })
}
