import { Link, useLoaderData, useNavigate } from 'react-router'
import { PageTitle } from '../components/page-title.tsx'
import { FormError } from '../components/states.tsx'
import { Summary } from '../components/summary.tsx'
import { useSubmit } from '../components/use-submit.ts'
import { countItems, refreshCart, useCart } from '../data/cart.ts'
import { get, send } from '../data/http.ts'
import { MEMBER } from '../data/member.ts'
import type { Order, Profile } from '../data/types.ts'
import '../styles/checkout.css'

export async function loader() {
  const [profile] = await Promise.all([get<Profile>(`/user/profile/${MEMBER.id}`), refreshCart()])
  return { profile }
}

const FIELDS = [
  ['name', 'Name', 'name', 100],
  ['street', 'Street and number', 'street-address', 200],
  ['postcode', 'Postcode', 'postal-code', 20],
  ['city', 'City', 'address-level2', 100],
  ['country', 'Country', 'country-name', 60],
] as const

export function Component() {
  const { profile } = useLoaderData<typeof loader>()
  const cart = useCart()
  const navigate = useNavigate()
  const { pending, error, submit } = useSubmit()
  if (!cart || countItems(cart) === 0) {
    return (
      <div className="page state">
        <PageTitle title="Check out" />
        <h1>Your cart is empty</h1>
        <Link to="/products">Browse the shop</Link>
      </div>
    )
  }
  const known: Record<string, string> = {
    name: profile.displayName,
    city: profile.city,
    country: profile.country,
  }
  return (
    <div className="page">
      <PageTitle title="Check out" />
      <h1>Check out</h1>
      <div className="checkout">
        <form
          className="address"
          onSubmit={(event) => {
            event.preventDefault()
            const address = Object.fromEntries(new FormData(event.currentTarget))
            submit(async () => {
              const order = await send<Order>('POST', '/shop/orders', {
                cartId: cart.id,
                userId: MEMBER.id,
                address,
              })
              await send('POST', `/shop/orders/${order.id}/payments`, { outcome: 'approve' })
              await navigate(`/orders/${order.id}`, { replace: true })
              await refreshCart()
            })
          }}
        >
          <h2>Where shall it go?</h2>
          {FIELDS.map(([name, label, autoComplete, maxLength]) => (
            <label key={name}>
              <span>{label}</span>
              <input
                name={name}
                autoComplete={autoComplete}
                maxLength={maxLength}
                defaultValue={known[name]}
                required
              />
            </label>
          ))}
          <p className="notice">
            The payment provider is simulated: no card is asked for and no money moves. Nothing will be
            delivered.
          </p>
          <button type="submit" disabled={pending}>
            {pending ? 'Ordering…' : 'Order and pay (simulated)'}
          </button>
          <FormError error={error} />
        </form>
        <Summary cart={cart} />
      </div>
    </div>
  )
}
