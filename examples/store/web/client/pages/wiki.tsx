import { Form, Link, useLoaderData, useSearchParams, type LoaderFunctionArgs } from 'react-router'
import { PageTitle } from '../components/page-title.tsx'
import { Pagination } from '../components/pagination.tsx'
import { Picture } from '../components/picture.tsx'
import { Empty } from '../components/states.tsx'
import { formatCount } from '../data/format.ts'
import { get, query } from '../data/http.ts'
import type { WikiSummary } from '../data/types.ts'
import '../styles/community.css'

const PAGE_SIZE = 24

export async function loader({ request: { url, signal } }: LoaderFunctionArgs) {
  const parameters = new URL(url).searchParams
  const page = Math.max(1, Number(parameters.get('page') ?? 1) || 1)
  const filter = {
    topic: parameters.get('topic') ?? undefined,
    search: parameters.get('search') ?? undefined,
  }
  const [pages, topics] = await Promise.all([
    get<{ items: WikiSummary[]; total: number }>(
      `/content/wiki${query({ ...filter, limit: PAGE_SIZE, offset: (page - 1) * PAGE_SIZE })}`,
      signal,
    ),
    get<{ items: { name: string; pages: number }[] }>('/content/wiki/topics', signal),
  ])
  return { pages, topics: topics.items, page }
}

export function Component() {
  const { pages, topics, page } = useLoaderData<typeof loader>()
  const [parameters] = useSearchParams()
  const topic = parameters.get('topic')
  return (
    <div className="page">
      <PageTitle title={topic ?? 'Wiki'} />
      <div className="section-head">
        <h1>{topic ?? 'Wiki'}</h1>
        <p className="muted">{formatCount(pages.total)} pages</p>
      </div>
      <search>
        <Form className="filters" key={parameters.toString()}>
          <label>
            <span>Search the wiki</span>
            <input
              type="search"
              name="search"
              defaultValue={parameters.get('search') ?? ''}
              maxLength={100}
            />
          </label>
          <button type="submit">Search</button>
        </Form>
      </search>
      <nav aria-label="Topics" className="topics">
        {topics.map(({ name }) => (
          <Link
            key={name}
            to={`?topic=${encodeURIComponent(name)}`}
            aria-current={name === topic ? 'page' : undefined}
          >
            {name}
          </Link>
        ))}
      </nav>
      {pages.items.length === 0 && <Empty title="No page matches" />}
      <ul className="wiki-list">
        {pages.items.map((item, index) => (
          <li key={item.slug}>
            {item.picture !== null && (
              <Picture picture={item.picture} sizes="6rem" decorative eager={index < 6} />
            )}
            <div>
              <h2>
                <Link to={`/wiki/${item.slug}`}>{item.title}</Link>
              </h2>
              <p className="muted">{item.summary}</p>
            </div>
          </li>
        ))}
      </ul>
      <Pagination page={page} pages={Math.ceil(pages.total / PAGE_SIZE)} />
    </div>
  )
}
