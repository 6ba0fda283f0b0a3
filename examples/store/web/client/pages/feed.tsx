import { useState } from 'react'
import { useLoaderData, type LoaderFunctionArgs } from 'react-router'
import { PageTitle } from '../components/page-title.tsx'
import { PostCard } from '../components/post-card.tsx'
import { Empty, FormError } from '../components/states.tsx'
import { useSubmit } from '../components/use-submit.ts'
import { get, query } from '../data/http.ts'
import { MEMBER } from '../data/member.ts'
import type { Post } from '../data/types.ts'
import '../styles/community.css'

interface FeedPage {
  items: Post[]
  nextBefore: number | null
}

const loadPage = (before?: number, signal?: AbortSignal): Promise<FeedPage> =>
  get<FeedPage>(`/content/feed/${MEMBER.id}${query({ limit: 10, before })}`, signal)

export const loader = ({ request: { signal } }: LoaderFunctionArgs) => loadPage(undefined, signal)

export function Component() {
  const first = useLoaderData<typeof loader>()
  const [pages, setPages] = useState<FeedPage[]>([])
  const { pending, error, submit } = useSubmit()
  const all = [first, ...pages]
  const next = all.at(-1)?.nextBefore ?? undefined
  const posts = all.flatMap((page) => page.items)
  return (
    <div className="page narrow">
      <PageTitle title="Feed" />
      <h1>Feed</h1>
      {posts.length === 0 && <Empty title="Nothing here yet" />}
      <ul className="post-list">
        {posts.map((post, index) => (
          <li key={post.id}>
            <PostCard post={post} eager={index === 0} heading="h2" />
          </li>
        ))}
      </ul>
      {next !== undefined && (
        <button
          type="button"
          className="quiet"
          disabled={pending}
          onClick={() => submit(async () => setPages([...pages, await loadPage(next)]))}
        >
          {pending ? 'Loading…' : 'Show more'}
        </button>
      )}
      <FormError error={error} />
    </div>
  )
}
