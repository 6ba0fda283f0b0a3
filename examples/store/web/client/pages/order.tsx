import { Link, useLoaderData, type LoaderFunctionArgs } from 'react-router'
import { PageTitle } from '../components/page-title.tsx'
import { capitalize, formatDate, formatPrice } from '../data/format.ts'
import { get } from '../data/http.ts'
import type { Order } from '../data/types.ts'
import '../styles/checkout.css'

export const loader = ({ params, request: { signal } }: LoaderFunctionArgs) =>
  get<Order>(`/shop/orders/${encodeURIComponent(params.id ?? '')}`, signal)

export function Component() {
  const order = useLoaderData<typeof loader>()
  const payment = order.payments.at(-1)
  return (
    <div className="page narrow">
      <PageTitle title={`Order ${order.id}`} />
      <p className="eyebrow">
        {capitalize(order.status)}, {formatDate(order.createdAt)}
      </p>
      <h1>Order {order.id}</h1>
      <table className="order-table">
        <thead>
          <tr>
            <th scope="col">Product</th>
            <th scope="col">Quantity</th>
            <th scope="col">Price</th>
          </tr>
        </thead>
        <tbody>
          {order.items.map((item) => (
            <tr key={item.productId}>
              <td>
                <Link to={`/products/${item.productId}`}>{item.title}</Link>
              </td>
              <td>{item.quantity}</td>
              <td>{formatPrice(item.priceCents * item.quantity, order.currency)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row" colSpan={2}>
              Delivery
            </th>
            <td>{formatPrice(order.shippingCents, order.currency)}</td>
          </tr>
          <tr>
            <th scope="row" colSpan={2}>
              Total
            </th>
            <td>
              <strong>{formatPrice(order.totalCents, order.currency)}</strong>
            </td>
          </tr>
        </tfoot>
      </table>
      <div className="order-facts">
        <address>
          {order.address.name}
          <br />
          {order.address.street}
          <br />
          {order.address.postcode} {order.address.city}
          <br />
          {order.address.country}
        </address>
        {payment !== undefined && (
          <p className="muted">
            Payment {payment.status} by the {payment.provider} provider, reference {payment.reference}.
          </p>
        )}
      </div>
    </div>
  )
}
