import { Link, useLocation } from 'react-router'

/** The first, the last and those around the current one; 0 stands for a gap. */
export function pagesToShow(current: number, pages: number): number[] {
  const near = [1, current - 1, current, current + 1, pages].filter((page) => page >= 1 && page <= pages)
  const shown = [...new Set(near)].sort((a, b) => a - b)
  return shown.flatMap((page, index) =>
    index > 0 && page - (shown[index - 1] ?? 0) > 1 ? [0, page] : [page],
  )
}

export function Pagination({ page, pages }: { page: number; pages: number }) {
  const { search } = useLocation()
  if (pages <= 1) return null
  const to = (target: number): string => {
    const parameters = new URLSearchParams(search)
    parameters.set('page', String(target))
    return `?${parameters.toString()}`
  }
  return (
    <nav className="pagination" aria-label="Pages">
      {page > 1 && (
        <Link to={to(page - 1)} rel="prev">
          Previous
        </Link>
      )}
      {pagesToShow(page, pages).map((number, index) =>
        number === 0 ? (
          // A gap has no identity but its place.
          // oxlint-disable-next-line react/no-array-index-key
          <span key={`gap-${index}`} aria-hidden="true">
            …
          </span>
        ) : (
          <Link key={number} to={to(number)} aria-current={number === page ? 'page' : undefined}>
            {number}
          </Link>
        ),
      )}
      {page < pages && (
        <Link to={to(page + 1)} rel="next">
          Next
        </Link>
      )}
    </nav>
  )
}
