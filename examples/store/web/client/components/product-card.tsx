import { Link } from 'react-router'
import { formatPrice, splitTitle } from '../data/format.ts'
import type { Product } from '../data/types.ts'
import { Mount } from './mount.tsx'
import { Stars } from './stars.tsx'

interface ProductGridProps {
  products: readonly Product[]
  /** How many are in view when the page opens. */
  eager?: number
  /** One below the heading that the grid stands under. */
  heading: 'h2' | 'h3'
}

interface ProductCardProps {
  product: Product
  eager: boolean
  heading: 'h2' | 'h3'
}

function ProductCard({ product, eager, heading: Heading }: ProductCardProps) {
  const { picture, variant } = splitTitle(product.title)
  return (
    <article className="product-card">
      <Mount
        product={product}
        sizes="(min-width: 70rem) 17rem, (min-width: 40rem) 30vw, 46vw"
        eager={eager}
      />
      <Heading>
        <Link to={`/products/${product.id}`}>{picture}</Link>
      </Heading>
      <p className="muted">{variant}</p>
      <p className="product-card-line">
        <strong>{formatPrice(product.priceCents, product.currency)}</strong>
        <Stars rating={product.rating} />
      </p>
      {product.stock === 0 && <p className="notice">Sold out</p>}
    </article>
  )
}

export function ProductGrid({ products, eager = 0, heading }: ProductGridProps) {
  return (
    <ul className="product-grid">
      {products.map((product, index) => (
        <li key={product.id}>
          <ProductCard product={product} eager={index < eager} heading={heading} />
        </li>
      ))}
    </ul>
  )
}
