import { Link } from 'react-router'
import { formatAge, formatCount } from '../data/format.ts'
import type { Post } from '../data/types.ts'
import { Avatar } from './avatar.tsx'
import { CommentIcon, HeartIcon } from './icons.tsx'
import { Picture } from './picture.tsx'

interface PostCardProps {
  post: Post
  eager?: boolean
  /** `h1` on the post's own page. */
  heading: 'h1' | 'h2'
}

export function PostCard({ post, eager, heading: Heading }: PostCardProps) {
  return (
    <article className="post-card">
      <header>
        <Avatar person={post.author} />
        <div>
          <Link to={`/members/${post.author.id}`}>{post.author.name}</Link>
          <p className="muted">
            <time dateTime={post.createdAt}>{formatAge(post.createdAt)}</time>
          </p>
        </div>
      </header>
      <Heading>
        <Link to={`/posts/${post.id}`}>{post.title}</Link>
      </Heading>
      <p>{post.body}</p>
      {post.picture !== null && (
        <Picture
          picture={post.picture}
          sizes="(min-width: 46rem) 42rem, 92vw"
          eager={eager}
          className="post-picture"
        />
      )}
      <p className="post-counts muted">
        <span>
          <HeartIcon /> {formatCount(post.likes)} <span className="visually-hidden">likes</span>
        </span>
        <Link to={`/posts/${post.id}#comments`}>
          <CommentIcon /> {formatCount(post.comments)} <span className="visually-hidden">comments</span>
        </Link>
      </p>
    </article>
  )
}
