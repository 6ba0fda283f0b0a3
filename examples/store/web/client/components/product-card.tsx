import { Link } from 'react-router'
import { formatPrice, splitTitle } from '../data/format.ts'
import type { Product } from '../data/types.ts'
import { Mount } from './mount.tsx'
import { Stars } from './stars.tsx'

export function ProductCard({ product, eager }: { product: Product; eager?: boolean }) {
  const { picture, variant } = splitTitle(product.title)
  return (
    <article className="product-card">
      <Mount
        product={product}
        sizes="(min-width: 70rem) 17rem, (min-width: 40rem) 30vw, 46vw"
        eager={eager}
      />
      <h3>
        <Link to={`/products/${product.id}`}>{picture}</Link>
      </h3>
      <p className="muted">{variant}</p>
      <p className="product-card-line">
        <strong>{formatPrice(product.priceCents, product.currency)}</strong>
        <Stars rating={product.rating} />
      </p>
      {product.stock === 0 && <p className="notice">Sold out</p>}
    </article>
  )
}

export function ProductGrid({ products, eager = 0 }: { products: readonly Product[]; eager?: number }) {
  return (
    <ul className="product-grid">
      {products.map((product, index) => (
        <li key={product.id}>
          <ProductCard product={product} eager={index < eager} />
        </li>
      ))}
    </ul>
  )
}
