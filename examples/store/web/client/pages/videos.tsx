import { Link, useLoaderData, type LoaderFunctionArgs } from 'react-router'
import { PageTitle } from '../components/page-title.tsx'
import { Pagination } from '../components/pagination.tsx'
import { Picture } from '../components/picture.tsx'
import { formatAge, formatCount, formatDuration } from '../data/format.ts'
import { get, query } from '../data/http.ts'
import type { Video } from '../data/types.ts'
import '../styles/community.css'

const PAGE_SIZE = 24

export async function loader({ request: { url, signal } }: LoaderFunctionArgs) {
  const page = Math.max(1, Number(new URL(url).searchParams.get('page') ?? 1) || 1)
  const path = `/content/videos${query({ limit: PAGE_SIZE, offset: (page - 1) * PAGE_SIZE })}`
  return { page, ...(await get<{ items: Video[]; total: number }>(path, signal)) }
}

export function Component() {
  const { items, total, page } = useLoaderData<typeof loader>()
  return (
    <div className="page">
      <PageTitle title="Videos" />
      <div className="section-head">
        <h1>Videos</h1>
        <p className="muted">{formatCount(total)} recordings</p>
      </div>
      <p className="notice">
        The programme of the reference store: posters and descriptions are here, the recordings themselves are
        not.
      </p>
      <ul className="video-grid">
        {items.map((video, index) => (
          <li key={video.id}>
            <div className="video-poster">
              <Picture
                picture={video.poster}
                sizes="(min-width: 70rem) 17rem, (min-width: 40rem) 30vw, 92vw"
                eager={index < 4}
                decorative
              />
              <span className="video-duration">{formatDuration(video.durationSeconds)}</span>
            </div>
            <h2>{video.title}</h2>
            <p className="muted">{video.description}</p>
            <p className="muted">
              <Link to={`/members/${video.author.id}`}>{video.author.name}</Link>,{' '}
              {formatAge(video.createdAt)}, {formatCount(video.views)} views
            </p>
          </li>
        ))}
      </ul>
      <Pagination page={page} pages={Math.ceil(total / PAGE_SIZE)} />
    </div>
  )
}
