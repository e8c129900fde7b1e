import { createFileRoute } from '@tanstack/react-router'

export const Route = createFileRoute('/orders/$id')({
  server: {
    handlers: {
      POST: async ({ request, params }) => {
        const { sku, quantity } = await request.json()
        if (quantity < 1) throw new RangeError(`Nobody orders ${quantity} × ${sku}`)
        return Response.json({ id: params.id, sku }, { status: 201 })
      },
    },
  },
})
