/** About 1 KB of an order, with a secret and marks by which what arrives is recognised. */
export const order = {
  note: 'request-marker',
  customer: { email: 'ada@example.com', password: 'secret-marker', city: 'Tula' },
  items: Array.from({ length: 7 }, (_, n) => ({
    id: n,
    sku: `item-${n}`,
    title: 'A samovar of copper, four litres',
    price: 129.9,
    tags: ['kitchen', 'tea'],
  })),
}

/** The headers that each order comes with. */
export const headers = {
  'content-type': 'application/json',
  authorization: 'Bearer secret-token-marker',
  'user-agent': 'bench',
  'x-shop': 'request-header-marker',
}
