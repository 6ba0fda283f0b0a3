import { Link, useLoaderData, useRevalidator, type LoaderFunctionArgs } from 'react-router'
import { Avatar } from '../components/avatar.tsx'
import { PageTitle } from '../components/page-title.tsx'
import { PostCard } from '../components/post-card.tsx'
import { FormError } from '../components/states.tsx'
import { useSubmit } from '../components/use-submit.ts'
import { formatAge, formatCount } from '../data/format.ts'
import { get, query, send } from '../data/http.ts'
import { MEMBER } from '../data/member.ts'
import type { Comment, Post } from '../data/types.ts'
import '../styles/community.css'

interface CommentPage {
  items: Comment[]
  total: number
}

/** The newest of them, which stand at the end. */
const SHOWN = 50

export async function loader({ params, request: { signal } }: LoaderFunctionArgs) {
  const path = `/content/posts/${encodeURIComponent(params.id ?? '')}`
  const post = await get<Post>(path, signal)
  const offset = Math.max(0, post.comments - SHOWN)
  return {
    post,
    comments: await get<CommentPage>(`${path}/comments${query({ limit: SHOWN, offset })}`, signal),
  }
}

export function Component() {
  const { post, comments } = useLoaderData<typeof loader>()
  return (
    <div className="page narrow">
      <PageTitle title={post.title} />
      <PostCard post={post} eager heading="h1" />
      <section aria-labelledby="comments" className="comments">
        <h2 id="comments">{formatCount(comments.total)} comments</h2>
        {comments.total > comments.items.length && (
          <p className="muted">The newest {comments.items.length} are shown.</p>
        )}
        <ul>
          {comments.items.map((comment) => (
            <li key={comment.id}>
              <Avatar person={comment.author} />
              <div>
                <p className="muted">
                  <Link to={`/members/${comment.author.id}`}>{comment.author.name}</Link>,{' '}
                  {formatAge(comment.createdAt)}
                </p>
                <p>{comment.body}</p>
              </div>
            </li>
          ))}
        </ul>
        <CommentForm postId={post.id} />
      </section>
    </div>
  )
}

function CommentForm({ postId }: { postId: number }) {
  const { pending, error, submit } = useSubmit()
  const { revalidate } = useRevalidator()
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        const form = event.currentTarget
        const body = new FormData(form).get('body')
        submit(async () => {
          await send('POST', `/content/posts/${postId}/comments`, { authorId: MEMBER.id, body })
          form.reset()
          await revalidate()
        })
      }}
    >
      <label>
        <span>Your comment</span>
        <textarea name="body" required maxLength={2_000} rows={3} />
      </label>
      <button type="submit" disabled={pending}>
        {pending ? 'Sending…' : 'Comment'}
      </button>
      <FormError error={error} />
    </form>
  )
}
