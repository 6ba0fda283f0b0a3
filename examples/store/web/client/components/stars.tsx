import { formatCount } from '../data/format.ts'

export function Stars({ rating }: { rating: { average: number | null; count: number } }) {
  if (rating.average === null) return <span className="muted stars-none">No reviews yet</span>
  const label = `${rating.average} of 5 stars, ${formatCount(rating.count)} reviews`
  return (
    <span className="stars">
      <StarRow value={rating.average} />
      <span className="muted" aria-hidden="true">
        {formatCount(rating.count)}
      </span>
      <span className="visually-hidden">{label}</span>
    </span>
  )
}

/** Five stars, filled from the left to the value's share. */
export function StarRow({ value }: { value: number }) {
  return (
    <span className="star-row" aria-hidden="true">
      <span style={{ width: `${value * 20}%` }}>★★★★★</span>★★★★★
    </span>
  )
}
