import { Form, useLoaderData, useSearchParams, useSubmit, type LoaderFunctionArgs } from 'react-router'
import { PageTitle } from '../components/page-title.tsx'
import { Pagination } from '../components/pagination.tsx'
import { ProductGrid } from '../components/product-card.tsx'
import { Empty } from '../components/states.tsx'
import { capitalize, formatCount } from '../data/format.ts'
import { get, query } from '../data/http.ts'
import type { Category, ProductPage } from '../data/types.ts'

const SORTS = [
  ['newest', 'Newest'],
  ['rating', 'Best rated'],
  ['price-asc', 'Price, low to high'],
  ['price-desc', 'Price, high to low'],
  ['title', 'Title'],
] as const

const PRICES = [
  ['', 'Any price'],
  ['0-2000', 'Up to 20 €'],
  ['2000-5000', '20 to 50 €'],
  ['5000-10000', '50 to 100 €'],
  ['10000-', 'Over 100 €'],
] as const

export async function loader({ request: { url, signal } }: LoaderFunctionArgs) {
  const parameters = new URL(url).searchParams
  const read = (name: string): string | undefined => parameters.get(name) ?? undefined
  const [minPriceCents, maxPriceCents] = (read('price') ?? '').split('-')
  const [products, categories] = await Promise.all([
    get<ProductPage>(
      `/shop/public/products${query({
        page: read('page'),
        category: read('category'),
        sort: read('sort'),
        search: read('search'),
        minPriceCents,
        maxPriceCents,
      })}`,
      signal,
    ),
    get<{ items: Category[] }>('/shop/public/categories', signal),
  ])
  return { products, categories: categories.items }
}

export function Component() {
  const { products, categories } = useLoaderData<typeof loader>()
  const [parameters] = useSearchParams()
  const category = parameters.get('category') ?? ''
  const title = category === '' ? 'All products' : capitalize(category)
  return (
    <div className="page shop">
      <PageTitle title={title} />
      <div className="section-head">
        <h1>{title}</h1>
        <output className="muted">
          {formatCount(products.total)} {products.total === 1 ? 'product' : 'products'}
        </output>
      </div>
      <Filters key={parameters.toString()} categories={categories} parameters={parameters} />
      {products.items.length === 0 ? (
        <Empty title="Nothing matches">
          <p>Take away a filter, or search for an artist, a place or a paper.</p>
        </Empty>
      ) : (
        <ProductGrid products={products.items} eager={4} heading="h2" />
      )}
      <Pagination page={products.page} pages={products.pages} />
    </div>
  )
}

function Filters({
  categories,
  parameters,
}: {
  categories: readonly Category[]
  parameters: URLSearchParams
}) {
  const submit = useSubmit()
  const value = (name: string): string => parameters.get(name) ?? ''
  return (
    // Every change applies at once; Enter in the search field submits the form as usual.
    <search>
      <Form
        className="filters"

        onChange={(event) => {
          if (event.target instanceof HTMLSelectElement) void submit(event.currentTarget)
        }}
      >
        <label>
          <span>Search</span>
          <input
            type="search"
            name="search"
            defaultValue={value('search')}
            placeholder="Cat, oak, Beato…"
            maxLength={100}
          />
        </label>
        <label>
          <span>Category</span>
          <select name="category" defaultValue={value('category')}>
            <option value="">Everything</option>
            {categories.map(({ name, products }) => (
              <option key={name} value={name}>
                {capitalize(name)} ({products})
              </option>
            ))}
          </select>
        </label>
        <label>
          <span>Price</span>
          <select name="price" defaultValue={value('price')}>
            {PRICES.map(([range, label]) => (
              <option key={range} value={range}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <label>
          <span>Sort</span>
          <select name="sort" defaultValue={value('sort') || 'newest'}>
            {SORTS.map(([sort, label]) => (
              <option key={sort} value={sort}>
                {label}
              </option>
            ))}
          </select>
        </label>
      </Form>
    </search>
  )
}
