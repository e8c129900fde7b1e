interface Order {
  sku: string
  quantity: number
}

export const onRequestPost: PagesFunction = async ({ request }) => {
  const { sku, quantity } = await request.json<Order>()
  if (quantity < 1) throw new RangeError(`Nobody orders ${quantity} × ${sku}`)
  return Response.json({ id: crypto.randomUUID(), sku }, { status: 201 })
}
