import { placeOrder } from './actions'

export default function Orders() {
  return (
    <form action={placeOrder}>
      <input name="sku" defaultValue="teapot" />
      <input name="quantity" type="number" defaultValue={0} />
      <input name="cardNumber" defaultValue="4000000000004242" />
      <button type="submit">Order</button>
    </form>
  )
}
