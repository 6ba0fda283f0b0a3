import { Link, useLoaderData, type LoaderFunctionArgs } from 'react-router'
import { Avatar } from '../components/avatar.tsx'
import { Notifications, ProfileForm, SkillForm } from '../components/own-profile.tsx'
import { PageTitle } from '../components/page-title.tsx'
import { Picture } from '../components/picture.tsx'
import { capitalize, formatAge, formatDate, formatPrice } from '../data/format.ts'
import { get, query } from '../data/http.ts'
import { MEMBER } from '../data/member.ts'
import type { Notification, Order, Post, Profile, Skill } from '../data/types.ts'
import '../styles/community.css'

export async function loader({ params, request: { signal } }: LoaderFunctionArgs) {
  const id = encodeURIComponent(params.id ?? '')
  const own = Number(id) === MEMBER.id
  const [profile, skills, posts, orders, notifications] = await Promise.all([
    get<Profile>(`/user/profile/${id}`, signal),
    get<{ items: Skill[] }>(`/user/users/${id}/skills`, signal),
    get<{ items: Post[] }>(`/content/users/${id}/posts${query({ limit: 6 })}`, signal),
    own ? get<{ items: Order[] }>(`/shop/users/${id}/orders${query({ limit: 5 })}`, signal) : undefined,
    own
      ? get<{ items: Notification[]; unread: number }>(
          `/user/users/${id}/notifications${query({ limit: 6 })}`,
          signal,
        )
      : undefined,
  ])
  return { profile, skills: skills.items, posts: posts.items, orders: orders?.items, notifications }
}

export function Component() {
  const { profile, skills, posts, orders, notifications } = useLoaderData<typeof loader>()
  const person = { id: profile.id, name: profile.displayName }
  return (
    <div className="page profile">
      <PageTitle title={profile.displayName} />
      <header>
        <div className="profile-cover">
          <Picture picture={profile.picture} sizes="100vw" eager decorative />
        </div>
        <Avatar person={person} />
        <h1>{profile.displayName}</h1>
        <p className="muted">
          @{profile.username}, {profile.city}, {profile.country}. {capitalize(profile.role)} since{' '}
          {formatDate(profile.memberSince)}.
        </p>
        <p className="lead">{profile.bio}</p>
      </header>
      <div className="profile-columns">
        <section aria-labelledby="posts">
          <h2 id="posts">Posts</h2>
          {posts.length === 0 && <p className="muted">Nothing yet.</p>}
          <ul className="note-row">
            {posts.map((post) => (
              <li key={post.id}>
                <Link to={`/posts/${post.id}`}>
                  <strong>{post.title}</strong>
                  <span>{post.body}</span>
                  <span className="muted">{formatAge(post.createdAt)}</span>
                </Link>
              </li>
            ))}
          </ul>
          {orders !== undefined && <Orders orders={orders} />}
        </section>
        <aside>
          <section aria-labelledby="skills">
            <h2 id="skills">Skills</h2>
            <ul className="skills">
              {skills.map((skill) => (
                <li key={skill.name}>
                  {skill.name}{' '}
                  <meter min={0} max={5} value={skill.level} aria-label={`Level ${skill.level} of 5`} />
                </li>
              ))}
            </ul>
            {notifications !== undefined && <SkillForm userId={profile.id} />}
          </section>
          {notifications !== undefined && (
            <>
              <Notifications userId={profile.id} items={notifications.items} unread={notifications.unread} />
              <ProfileForm profile={profile} />
            </>
          )}
        </aside>
      </div>
    </div>
  )
}

function Orders({ orders }: { orders: readonly Order[] }) {
  return (
    <>
      <h2>Orders</h2>
      {orders.length === 0 && <p className="muted">None yet.</p>}
      <ul className="order-list">
        {orders.map((order) => (
          <li key={order.id}>
            <Link to={`/orders/${order.id}`}>Order {order.id}</Link>
            <span className="muted">
              {formatDate(order.createdAt)}, {order.status}
            </span>
            <span>{formatPrice(order.totalCents, order.currency)}</span>
          </li>
        ))}
      </ul>
    </>
  )
}
