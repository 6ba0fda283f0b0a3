import type { ReactNode } from 'react'
import { formatPrice } from '../data/format.ts'
import type { Cart } from '../data/types.ts'

export function Summary({ cart, children }: { cart: Cart; children?: ReactNode }) {
  return (
    <aside className="summary" aria-label="Summary">
      <dl>
        <dt>Products</dt>
        <dd>{formatPrice(cart.itemsCents, cart.currency)}</dd>
        <dt>Delivery</dt>
        <dd>{cart.shippingCents === 0 ? 'Free' : formatPrice(cart.shippingCents, cart.currency)}</dd>
        <dt>Total</dt>
        <dd>
          <strong>{formatPrice(cart.totalCents, cart.currency)}</strong>
        </dd>
      </dl>
      {children}
    </aside>
  )
}
