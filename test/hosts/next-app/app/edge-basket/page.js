import { recorded } from '../basket/actions.js'

export const dynamic = 'force-dynamic'
export const runtime = 'edge'

export default function Basket() {
  return (
    <form id="recorded" action={recorded}>
      <input name="sku" />
    </form>
  )
}
