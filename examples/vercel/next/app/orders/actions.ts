'use server'

import type { ReplayStackHandle } from '@replaystack/edge'
import { withServerAction } from '@replaystack/edge/vercel'
import { headers } from 'next/headers'
import { redirect } from 'next/navigation'

/** A Server Action. Its event has the form's fields, and what they led to: `redirect()` is no error. */
export const placeOrder = withServerAction(
  'placeOrder',
  async (form: FormData, recorder?: ReplayStackHandle) => {
    const order = { sku: String(form.get('sku')), quantity: Number(form.get('quantity')) }
    recorder?.addBreadcrumb('Charging card', { category: 'payment', metadata: order })
    if (order.quantity < 1) throw new RangeError(`Nobody orders ${order.quantity} × ${order.sku}`)
    redirect('/orders/7')
  },
  { headers },
)
