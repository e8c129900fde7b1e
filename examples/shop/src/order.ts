/** What a client orders. */
export interface Order {
  sku: string
  quantity: number
  cardNumber: string
  /** Nobody but the tax office has to know it: `maskFields` in `index.ts` names it. */
  taxNumber?: string | undefined
}

/** Checks what a client sent as an order. */
export function readOrder(input: unknown): Order | { problem: string } {
  if (typeof input !== 'object' || input === null) return { problem: 'An order is a JSON object' }
  const { sku, quantity, cardNumber, taxNumber } = input as Partial<Record<keyof Order, unknown>>
  if (typeof sku !== 'string' || sku === '') return { problem: 'sku must be the name of a product' }
  if (typeof quantity !== 'number' || quantity < 1) return { problem: 'quantity must be 1 or more' }
  if (typeof cardNumber !== 'string' || cardNumber === '') return { problem: 'cardNumber is missing' }
  return { sku, quantity, cardNumber, taxNumber: typeof taxNumber === 'string' ? taxNumber : undefined }
}
