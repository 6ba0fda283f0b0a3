import { Link, useLoaderData, type LoaderFunctionArgs } from 'react-router'
import { PageTitle } from '../components/page-title.tsx'
import { Picture } from '../components/picture.tsx'
import { ProductGrid } from '../components/product-card.tsx'
import { capitalize, formatAge, formatCount } from '../data/format.ts'
import { get, query } from '../data/http.ts'
import { MEMBER } from '../data/member.ts'
import type { Category, PictureView, Post, ProductPage } from '../data/types.ts'

const HERO: PictureView = {
  src: '/images/product.jpg',
  width: 2_000,
  height: 1_600,
  alt: 'Boats in a river in front of the roofs of Nagasaki, photograph by Felice Beato, about 1865',
}

export async function loader({ request: { signal } }: LoaderFunctionArgs) {
  const [best, categories, feed] = await Promise.all([
    get<ProductPage>(
      `/shop/public/products${query({ pageSize: 8, sort: 'rating', category: 'framed' })}`,
      signal,
    ),
    get<{ items: Category[] }>('/shop/public/categories', signal),
    get<{ items: Post[] }>(`/content/feed/${MEMBER.id}${query({ limit: 3 })}`, signal),
  ])
  return { best: best.items, categories: categories.items, posts: feed.items }
}

export function Component() {
  const { best, categories, posts } = useLoaderData<typeof loader>()
  return (
    <>
      <PageTitle title="Photographs from the public domain" />
      <section className="hero">
        <Picture picture={HERO} sizes="100vw" eager />
        <div className="hero-text">
          <p className="eyebrow">Nine photographs, 1865 to 1940</p>
          <h1>Old light, freshly printed.</h1>
          <p>Photographs that belong to everybody, as prints, frames, puzzles and postcards.</p>
          <Link to="/products" className="button">
            Browse the shop
          </Link>
        </div>
      </section>
      <div className="page">
        <section aria-labelledby="categories">
          <h2 id="categories">What it can be</h2>
          <ul className="category-row">
            {categories.map((category) => (
              <li key={category.name}>
                <Link to={`/products?category=${encodeURIComponent(category.name)}`}>
                  <Picture picture={category.picture} sizes="(min-width: 70rem) 9rem, 40vw" decorative />
                  <span>{capitalize(category.name)}</span>
                  <span className="muted">{formatCount(category.products)}</span>
                </Link>
              </li>
            ))}
          </ul>
        </section>
        <section aria-labelledby="best">
          <div className="section-head">
            <h2 id="best">Liked best, in a frame</h2>
            <Link to="/products?category=framed&sort=rating">See all</Link>
          </div>
          <ProductGrid products={best} heading="h3" />
        </section>
        <section aria-labelledby="community">
          <div className="section-head">
            <h2 id="community">From the members</h2>
            <Link to="/feed">Go to the feed</Link>
          </div>
          <ul className="note-row">
            {posts.map((post) => (
              <li key={post.id}>
                <Link to={`/posts/${post.id}`}>
                  <strong>{post.title}</strong>
                  <span>{post.body}</span>
                  <span className="muted">
                    {post.author.name}, {formatAge(post.createdAt)}
                  </span>
                </Link>
              </li>
            ))}
          </ul>
        </section>
      </div>
    </>
  )
}
