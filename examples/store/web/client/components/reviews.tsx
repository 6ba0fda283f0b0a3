import { useState } from 'react'
import { Link, useRevalidator } from 'react-router'
import { formatAge, formatCount } from '../data/format.ts'
import { get, query, send } from '../data/http.ts'
import { MEMBER } from '../data/member.ts'
import type { Review, ReviewPage } from '../data/types.ts'
import { StarRow } from './stars.tsx'
import { FormError } from './states.tsx'
import { useSubmit } from './use-submit.ts'

interface ReviewSectionProps {
  productId: number
  reviews: ReviewPage
  rating: { average: number | null; count: number }
}

export function ReviewSection({ productId, reviews, rating }: ReviewSectionProps) {
  const [older, setOlder] = useState<Review[]>([])
  const { pending, error, submit } = useSubmit()
  const shown = [...reviews.items, ...older]
  return (
    <section aria-labelledby="reviews" className="reviews">
      <h2 id="reviews">Reviews</h2>
      <div className="reviews-columns">
        <div>
          {rating.average !== null && <p className="reviews-average">{rating.average}</p>}
          <Histogram counts={reviews.counts} total={reviews.total} />
          <ReviewForm productId={productId} />
        </div>
        <div>
          {shown.length === 0 && (
            <p className="muted">Nobody has reviewed this yet. You could be the first.</p>
          )}
          <ul className="review-list">
            {shown.map((review) => (
              <li key={review.id}>
                <p className="review-head">
                  <StarRow value={review.rating} />
                  <span className="visually-hidden">{review.rating} of 5 stars</span>
                  <strong>{review.title}</strong>
                </p>
                <p>{review.body}</p>
                <p className="muted">
                  <Link to={`/members/${review.author.id}`}>{review.author.name}</Link>,{' '}
                  {formatAge(review.createdAt)}
                </p>
              </li>
            ))}
          </ul>
          {shown.length < reviews.total && (
            <button
              type="button"
              className="quiet"
              disabled={pending}
              onClick={() =>
                submit(async () => {
                  const path = `/shop/public/products/${productId}/reviews${query({ offset: shown.length })}`
                  const page = await get<ReviewPage>(path)
                  setOlder([...older, ...page.items])
                })
              }
            >
              {pending ? 'Loading…' : `Show more of ${formatCount(reviews.total)}`}
            </button>
          )}
          <FormError error={error} />
        </div>
      </div>
    </section>
  )
}

function Histogram({ counts, total }: { counts: Record<string, number>; total: number }) {
  return (
    <ul className="histogram">
      {[5, 4, 3, 2, 1].map((stars) => {
        const count = counts[stars] ?? 0
        return (
          <li key={stars} aria-label={`${count} reviews with ${stars} stars`}>
            <span aria-hidden="true">{stars}</span>
            <span className="histogram-bar" aria-hidden="true">
              <span style={{ width: `${total === 0 ? 0 : (100 * count) / total}%` }} />
            </span>
            <span aria-hidden="true">{formatCount(count)}</span>
          </li>
        )
      })}
    </ul>
  )
}

function ReviewForm({ productId }: { productId: number }) {
  const { pending, error, submit } = useSubmit()
  const { revalidate } = useRevalidator()
  return (
    <details className="review-form">
      <summary>Write a review</summary>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          const form = event.currentTarget
          const fields = new FormData(form)
          submit(async () => {
            await send('POST', `/shop/public/products/${productId}/reviews`, {
              authorId: MEMBER.id,
              authorName: MEMBER.name,
              rating: Number(fields.get('rating')),
              title: fields.get('title'),
              body: fields.get('body'),
            })
            form.reset()
            await revalidate()
          })
        }}
      >
        <label>
          <span>Stars</span>
          <select name="rating" defaultValue="5">
            {[5, 4, 3, 2, 1].map((stars) => (
              <option key={stars} value={stars}>
                {'★'.repeat(stars)}
              </option>
            ))}
          </select>
        </label>
        <label>
          <span>In a few words</span>
          <input name="title" required maxLength={120} />
        </label>
        <label>
          <span>Your review</span>
          <textarea name="body" required maxLength={4_000} rows={4} />
        </label>
        <button type="submit" disabled={pending}>
          {pending ? 'Sending…' : 'Publish'}
        </button>
        <FormError error={error} />
      </form>
    </details>
  )
}
