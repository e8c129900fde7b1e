import { bare, recorded, withoutHeaders } from './actions.js'

export const dynamic = 'force-dynamic'

async function fail(form) {
  'use server'
  throw new RangeError(`action ${form?.get('sku')}`)
}

export default function Basket() {
  return Object.entries({ bare, recorded, withoutHeaders, fail }).map(([name, action]) => (
    <form key={name} id={name} action={action}>
      <input name="sku" />
    </form>
  ))
}
