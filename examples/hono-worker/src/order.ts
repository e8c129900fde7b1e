/** An order that can be charged. */
export interface Order {
  sku: string
  quantity: number
  cardNumber: string
}

/** Checks what a client sent as an order. */
export function readOrder(input: unknown): Order | { problem: string } {
  if (typeof input !== 'object' || input === null) return { problem: 'An order is a JSON object' }
  const { sku, quantity, cardNumber } = input as Partial<Record<keyof Order, unknown>>
  if (typeof sku !== 'string' || sku === '') return { problem: 'sku must be the name of a product' }
  if (typeof quantity !== 'number' || quantity < 1) return { problem: 'quantity must be 1 or more' }
  if (typeof cardNumber !== 'string' || cardNumber === '') return { problem: 'cardNumber is missing' }
  return { sku, quantity, cardNumber }
}
