import { Link, useLoaderData, type LoaderFunctionArgs } from 'react-router'
import { PageTitle } from '../components/page-title.tsx'
import { Picture } from '../components/picture.tsx'
import { formatDate } from '../data/format.ts'
import { get } from '../data/http.ts'
import type { WikiPage } from '../data/types.ts'
import '../styles/community.css'

export const loader = ({ params, request: { signal } }: LoaderFunctionArgs) =>
  get<WikiPage>(`/content/wiki/pages/${encodeURIComponent(params.slug ?? '')}`, signal)

/** The pages' own small format: blocks apart by an empty line, headings after `## `. */
function Block({ text }: { text: string }) {
  return text.startsWith('## ') ? <h2>{text.slice(3)}</h2> : <p>{text}</p>
}

export function Component() {
  const page = useLoaderData<typeof loader>()
  return (
    <article className="page narrow prose">
      <PageTitle title={page.title} />
      <nav aria-label="Breadcrumb" className="breadcrumb">
        <Link to="/wiki">Wiki</Link>
        <Link to={`/wiki?topic=${encodeURIComponent(page.topic)}`}>{page.topic}</Link>
      </nav>
      <h1>{page.title}</h1>
      <p className="lead">{page.summary}</p>
      {page.picture !== null && (
        <figure>
          <Picture picture={page.picture} sizes="(min-width: 46rem) 42rem, 92vw" eager />
          <figcaption className="muted">{page.picture.alt}</figcaption>
        </figure>
      )}
      {page.body.split('\n\n').map((text) => (
        <Block key={text} text={text} />
      ))}
      <p className="muted">
        Revision {page.revision}, {formatDate(page.updatedAt)}
      </p>
    </article>
  )
}
