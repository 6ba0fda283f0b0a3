import { useState } from 'react'
import { Link, useLoaderData, type LoaderFunctionArgs } from 'react-router'
import { Mount } from '../components/mount.tsx'
import { PageTitle } from '../components/page-title.tsx'
import { ReviewSection } from '../components/reviews.tsx'
import { Stars } from '../components/stars.tsx'
import { FormError } from '../components/states.tsx'
import { useSubmit } from '../components/use-submit.ts'
import { addToCart } from '../data/cart.ts'
import { capitalize, formatPrice, splitTitle } from '../data/format.ts'
import { get } from '../data/http.ts'
import type { ProductDetails, ReviewPage } from '../data/types.ts'
import '../styles/product.css'

export async function loader({ params, request: { signal } }: LoaderFunctionArgs) {
  const path = `/shop/public/products/${encodeURIComponent(params.id ?? '')}`
  const [product, reviews] = await Promise.all([
    get<ProductDetails>(path, signal),
    get<ReviewPage>(`${path}/reviews`, signal),
  ])
  return { product, reviews }
}

export function Component() {
  const { product, reviews } = useLoaderData<typeof loader>()
  const { picture, variant } = splitTitle(product.title)
  return (
    <div className="page">
      <PageTitle title={picture} />
      <nav aria-label="Breadcrumb" className="breadcrumb">
        <Link to="/products">Shop</Link>
        <Link to={`/products?category=${encodeURIComponent(product.category)}`}>
          {capitalize(product.category)}
        </Link>
      </nav>
      <article className="product">
        <Mount product={product} sizes="(min-width: 60rem) 40rem, 92vw" eager />
        <div className="product-text">
          <p className="eyebrow">{product.artist}</p>
          <h1>{picture}</h1>
          <p className="product-variant">{variant}</p>
          <Stars rating={product.rating} />
          <p className="price">{formatPrice(product.priceCents, product.currency)}</p>
          <p>{product.description}</p>
          <Buy key={product.id} product={product} />
          <dl className="facts">
            <dt>Delivery</dt>
            <dd>Free from 50 €, otherwise 4.90 €</dd>
            <dt>Article</dt>
            <dd>{product.sku}</dd>
          </dl>
        </div>
      </article>
      <ReviewSection key={product.id} productId={product.id} reviews={reviews} rating={product.rating} />
    </div>
  )
}

function availability(stock: number | null): string {
  if (stock === null) return 'Made to order, ships in three days.'
  return stock === 0 ? 'Sold out.' : `Numbered edition, ${stock} left.`
}

function Buy({ product }: { product: ProductDetails }) {
  const [quantity, setQuantity] = useState(1)
  const [added, setAdded] = useState(false)
  const { pending, error, submit } = useSubmit()
  const max = Math.min(99, product.stock ?? 99)
  return (
    <form
      className="buy"
      onSubmit={(event) => {
        event.preventDefault()
        setAdded(false)
        submit(async () => {
          await addToCart(product.id, quantity)
          setAdded(true)
        })
      }}
    >
      <p className="muted">{availability(product.stock)}</p>
      <label>
        <span>Quantity</span>
        <input
          type="number"
          min={1}
          max={Math.max(1, max)}
          value={quantity}
          required
          disabled={product.stock === 0}
          onChange={(event) => setQuantity(event.target.valueAsNumber)}
        />
      </label>
      <button type="submit" disabled={pending || product.stock === 0}>
        {pending ? 'Adding…' : 'Add to cart'}
      </button>
      <output className="added">
        {added && (
          <>
            In your cart. <Link to="/cart">Go to the cart</Link>
          </>
        )}
      </output>
      <FormError error={error} />
    </form>
  )
}
