import { Form, Link, useLoaderData, type LoaderFunctionArgs } from 'react-router'
import { Avatar } from '../components/avatar.tsx'
import { PageTitle } from '../components/page-title.tsx'
import { ProductGrid } from '../components/product-card.tsx'
import { Empty } from '../components/states.tsx'
import { formatCount } from '../data/format.ts'
import { get, query } from '../data/http.ts'
import type { FoundMember, ProductPage, WikiSummary } from '../data/types.ts'
import '../styles/community.css'

/** Three services at once, each of which searches what is its own. */
export async function loader({ request: { url, signal } }: LoaderFunctionArgs) {
  const q = (new URL(url).searchParams.get('q') ?? '').trim()
  if (q === '') return { q, found: undefined }
  const [products, members, pages] = await Promise.all([
    get<ProductPage>(`/shop/public/products${query({ search: q, pageSize: 8, sort: 'rating' })}`, signal),
    get<{ items: FoundMember[] }>(`/user/search${query({ q, limit: 6 })}`, signal),
    get<{ items: WikiSummary[]; total: number }>(`/content/wiki${query({ search: q, limit: 6 })}`, signal),
  ])
  return { q, found: { products, members: members.items, pages } }
}

export function Component() {
  const { q, found } = useLoaderData<typeof loader>()
  const nothing = found !== undefined && found.products.total + found.members.length + found.pages.total === 0
  return (
    <div className="page">
      <PageTitle title={q === '' ? 'Search' : `Search for ${q}`} />
      <h1>Search</h1>
      <search>
        <Form className="filters" key={q}>
          <label>
            <span>Products, members and wiki pages</span>
            <input type="search" name="q" defaultValue={q} required maxLength={100} />
          </label>
          <button type="submit">Search</button>
        </Form>
      </search>
      {nothing && (
        <Empty title="Nothing found">
          <p>Try the beginning of a word: a place, an artist, a process.</p>
        </Empty>
      )}
      {found !== undefined && found.products.total > 0 && (
        <section aria-labelledby="found-products">
          <div className="section-head">
            <h2 id="found-products">Products</h2>
            <Link to={`/products?search=${encodeURIComponent(q)}`}>
              All {formatCount(found.products.total)}
            </Link>
          </div>
          <ProductGrid products={found.products.items} eager={4} heading="h3" />
        </section>
      )}
      {found !== undefined && found.members.length > 0 && (
        <section aria-labelledby="found-members">
          <h2 id="found-members">Members</h2>
          <ul className="member-grid">
            {found.members.map((member) => (
              <li key={member.id}>
                <Avatar person={{ id: member.id, name: member.displayName }} />
                <div>
                  <Link to={`/members/${member.id}`}>{member.displayName}</Link>
                  <p className="muted">
                    {member.city}, {member.country}
                  </p>
                  <p className="muted">{member.skills.join(', ')}</p>
                </div>
              </li>
            ))}
          </ul>
        </section>
      )}
      {found !== undefined && found.pages.items.length > 0 && (
        <section aria-labelledby="found-pages">
          <div className="section-head">
            <h2 id="found-pages">Wiki</h2>
            <Link to={`/wiki?search=${encodeURIComponent(q)}`}>All {formatCount(found.pages.total)}</Link>
          </div>
          <ul className="note-row">
            {found.pages.items.map((page) => (
              <li key={page.slug}>
                <Link to={`/wiki/${page.slug}`}>
                  <strong>{page.title}</strong>
                  <span>{page.summary}</span>
                </Link>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  )
}
