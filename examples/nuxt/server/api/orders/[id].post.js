export default defineEventHandler(async event => {
  const { sku, quantity } = await readBody(event)
  event.node.req.replaystack?.addBreadcrumb('Charging card', { category: 'payment' })
  if (quantity < 1) throw new RangeError(`Nobody orders ${quantity} × ${sku}`)
  setResponseStatus(event, 201)
  return { id: getRouterParam(event, 'id'), sku }
})
