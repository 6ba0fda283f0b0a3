import { MEMBER_COUNT } from '@millrace-store/store/data'
import type { Visitor } from './visitor.ts'

/** What people come for. Each step is a page with everything that the page asks for. */
export type Journey = (visitor: Visitor) => Promise<void>

interface Picture {
  src: string
}
interface Product {
  id: number
  picture: Picture
}

const CATEGORIES = ['framed', 'prints', 'canvas', 'posters', 'cards', 'stationery', 'puzzles', 'home']
const SORTS = ['newest', 'rating', 'price-asc', 'price-desc']
const WORDS = [
  'cat',
  'boat',
  'nagasaki',
  'oak',
  'canyon',
  'print',
  'lange',
  'alp',
  'puzzle',
  'sheep',
  'plane',
  'leaf',
]
const REMARKS = [
  'Lovely, thank you.',
  'Which paper is that?',
  'How long was the exposure?',
  'The sky alone is worth it.',
]

const member = (visitor: Visitor): number => visitor.random.popular(MEMBER_COUNT) + 1

async function pictures(
  visitor: Visitor,
  items: readonly { picture: Picture | null }[],
  count: number,
): Promise<void> {
  const seen = items.flatMap((item) => (item.picture === null ? [] : [item.picture.src])).slice(0, count)
  await Promise.all(seen.map((src) => visitor.picture(src)))
}

async function home(visitor: Visitor): Promise<void> {
  await visitor.page('/')
  const [best] = await Promise.all([
    visitor.get<{ items: Product[] }>(
      '/services/shop/public/products?pageSize=8&sort=rating&category=framed',
    ),
    visitor.get('/services/shop/public/categories'),
    visitor.get(`/services/content/feed/${member(visitor)}?limit=3`),
    visitor.picture('/images/product.jpg'),
  ])
  await pictures(visitor, best.body?.items ?? [], 4)
  await visitor.think()
}

async function productList(visitor: Visitor): Promise<Product[]> {
  const { random } = visitor
  const query = new URLSearchParams({ sort: random.chance(0.6) ? 'newest' : random.pick(SORTS) })
  if (random.chance(0.6)) query.set('category', random.pick(CATEGORIES))
  if (random.chance(0.3)) query.set('page', String(random.popular(6) + 1))
  if (random.chance(0.1)) query.set('search', random.pick(WORDS))
  const list = await visitor.get<{ items: Product[] }>(`/services/shop/public/products?${query.toString()}`)
  const items = list.body?.items ?? []
  await pictures(visitor, items, 8)
  await visitor.think()
  return items
}

async function productPage(visitor: Visitor, id: number): Promise<void> {
  const [product] = await Promise.all([
    visitor.get<Product>(`/services/shop/public/products/${id}`),
    visitor.get(`/services/shop/public/products/${id}/reviews`),
  ])
  if (product.body !== undefined) await visitor.picture(product.body.picture.src)
  await visitor.think()
}

const browse: Journey = async (visitor) => {
  if (visitor.random.chance(0.5)) await home(visitor)
  for (let lists = visitor.random.int(1, 2); lists > 0; lists--) {
    const items = await productList(visitor)
    for (const { id } of visitor.random.sample(items, visitor.random.int(1, 3)))
      await productPage(visitor, id)
  }
}

const buy: Journey = async (visitor) => {
  const { random } = visitor
  const chosen = random.sample(await productList(visitor), random.int(1, 3))
  for (const { id } of chosen) await productPage(visitor, id)
  const cart = await visitor.send<{ id: string }>('POST', '/services/shop/carts', {})
  if (cart.body === undefined) return
  for (const { id } of chosen) {
    await visitor.send('PUT', `/services/shop/carts/${cart.body.id}/items/${id}`, {
      quantity: random.int(1, 2),
    })
  }
  await visitor.get(`/services/shop/carts/${cart.body.id}`)
  await visitor.think()
  // Many carts are left behind.
  if (random.chance(0.4)) return
  const address = {
    name: 'A Visitor',
    street: 'Mill Lane 1',
    city: 'Porto',
    postcode: '4000',
    country: 'Portugal',
  }
  const order = await visitor.send<{ id: number }>('POST', '/services/shop/orders', {
    cartId: cart.body.id,
    userId: member(visitor),
    address,
  })
  if (order.body === undefined) return
  await visitor.send('POST', `/services/shop/orders/${order.body.id}/payments`, { outcome: 'approve' })
  await visitor.get(`/services/shop/orders/${order.body.id}`)
}

const search: Journey = async (visitor) => {
  const word = visitor.random.pick(WORDS)
  const [products] = await Promise.all([
    visitor.get<{ items: Product[] }>(`/services/shop/public/products?search=${word}&pageSize=8&sort=rating`),
    visitor.get(`/services/user/search?q=${word}&limit=6`),
    visitor.get(`/services/content/wiki?search=${word}&limit=6`),
  ])
  const items = products.body?.items ?? []
  await pictures(visitor, items, 6)
  await visitor.think()
  for (const { id } of visitor.random.sample(items, 1)) await productPage(visitor, id)
}

const readFeed: Journey = async (visitor) => {
  const { random } = visitor
  const reader = member(visitor)
  const feed = await visitor.get<{ items: { id: number; picture: Picture | null }[] }>(
    `/services/content/feed/${reader}?limit=10`,
  )
  const posts = feed.body?.items ?? []
  await pictures(visitor, posts, 4)
  await visitor.think()
  for (const { id } of random.sample(posts, random.int(1, 3))) {
    await Promise.all([
      visitor.get(`/services/content/posts/${id}`),
      visitor.get(`/services/content/posts/${id}/comments`),
    ])
    await visitor.think()
    if (random.chance(0.06)) {
      const comment = { authorId: reader, body: random.pick(REMARKS) }
      await visitor.send('POST', `/services/content/posts/${id}/comments`, comment)
    }
  }
}

const learn: Journey = async (visitor) => {
  const { random } = visitor
  const offset = random.popular(20) * 24
  const pages = await visitor.get<{ items: { slug: string; picture: Picture | null }[] }>(
    `/services/content/wiki?limit=24&offset=${offset}`,
  )
  await visitor.think()
  for (const page of random.sample(pages.body?.items ?? [], random.int(1, 3))) {
    await visitor.get(`/services/content/wiki/pages/${page.slug}`)
    await pictures(visitor, [page], 1)
    await visitor.think()
  }
  if (random.chance(0.4)) await visitor.get('/services/content/videos?limit=24')
}

const visitMember: Journey = async (visitor) => {
  const id = member(visitor)
  await Promise.all([
    visitor.get(`/services/user/profile/${id}`),
    visitor.get(`/services/user/users/${id}/skills`),
    visitor.get(`/services/user/users/${id}/notifications?limit=6`),
    visitor.get(`/services/content/users/${id}/posts?limit=6`),
    visitor.get(`/services/shop/users/${id}/orders?limit=5`),
  ])
  await visitor.think()
  if (visitor.random.chance(0.05)) {
    await visitor.send('POST', `/services/user/users/${id}/skills`, {
      name: 'Framing',
      level: visitor.random.int(1, 5),
    })
  }
}

/** How often each is taken, out of 100. */
const MIX: readonly (readonly [share: number, journey: Journey])[] = [
  [46, browse],
  [10, buy],
  [12, search],
  [18, readFeed],
  [7, learn],
  [7, visitMember],
]

/** Requests that an average journey makes; where a run begins, until it has its own average. */
export const REQUESTS_PER_VISIT = 17

export function chooseJourney(roll: number): Journey {
  let rest = roll * 100
  for (const [share, journey] of MIX) {
    rest -= share
    if (rest < 0) return journey
  }
  return browse
}
