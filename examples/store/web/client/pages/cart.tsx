import { Link, useLoaderData } from 'react-router'
import { Mount } from '../components/mount.tsx'
import { PageTitle } from '../components/page-title.tsx'
import { Empty, FormError } from '../components/states.tsx'
import { Summary } from '../components/summary.tsx'
import { useSubmit } from '../components/use-submit.ts'
import { refreshCart, setQuantity, useCart } from '../data/cart.ts'
import { formatPrice, splitTitle } from '../data/format.ts'
import type { Cart } from '../data/types.ts'
import '../styles/checkout.css'

export async function loader() {
  await refreshCart()
  return null
}

export function Component() {
  useLoaderData<typeof loader>()
  const cart = useCart()
  return (
    <div className="page">
      <PageTitle title="Cart" />
      <h1>Cart</h1>
      {!cart || cart.items.length === 0 ? (
        <Empty title="Your cart is empty">
          <p>
            <Link to="/products" className="button">
              Browse the shop
            </Link>
          </p>
        </Empty>
      ) : (
        <div className="checkout">
          <ul className="cart-lines">
            {cart.items.map((item) => (
              <CartLine key={item.product.id} cartId={cart.id} item={item} />
            ))}
          </ul>
          <Summary cart={cart}>
            <Link to="/checkout" className="button">
              Check out
            </Link>
          </Summary>
        </div>
      )}
    </div>
  )
}

function CartLine({ cartId, item }: { cartId: string; item: Cart['items'][number] }) {
  const { product, quantity, totalCents } = item
  const { pending, error, submit } = useSubmit()
  const { picture, variant } = splitTitle(product.title)
  const change = (next: number) => submit(() => setQuantity(cartId, product.id, next))
  return (
    <li className="cart-line" aria-busy={pending}>
      <Mount product={product} sizes="7rem" />
      <div>
        <h2>
          <Link to={`/products/${product.id}`}>{picture}</Link>
        </h2>
        <p className="muted">{variant}</p>
        <div className="stepper">
          <button type="button" className="quiet" onClick={() => change(quantity - 1)} disabled={pending}>
            <span aria-hidden="true">−</span>
            <span className="visually-hidden">{quantity === 1 ? 'Remove' : 'One less'}</span>
          </button>
          <span aria-live="polite">{quantity}</span>
          <button
            type="button"
            className="quiet"
            onClick={() => change(quantity + 1)}
            disabled={pending || quantity >= Math.min(99, product.stock ?? 99)}
          >
            <span aria-hidden="true">+</span>
            <span className="visually-hidden">One more</span>
          </button>
        </div>
        <FormError error={error} />
      </div>
      <strong>{formatPrice(totalCents, product.currency)}</strong>
    </li>
  )
}
