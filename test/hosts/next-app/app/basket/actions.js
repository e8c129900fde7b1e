'use server'

import { withServerAction } from '@replaystack/edge/vercel'
import { headers } from 'next/headers'
import { notFound, redirect } from 'next/navigation'

const order = async (form, amount, recorder) => {
  recorder?.addBreadcrumb('Charging card')
  const sku = form instanceof FormData ? form.get('sku') : form.sku
  if (sku === 'gold') throw new RangeError('No gold')
  if (sku === 'tea') redirect('/fixed')
  if (sku === 'lost') notFound()
  return { sku, amount, token: 'planted-result' }
}

export const bare = async (form, amount) => order(form, amount)
export const recorded = withServerAction('placeOrder', order, { headers })
export const withoutHeaders = withServerAction('placeOrderBlindly', order)
