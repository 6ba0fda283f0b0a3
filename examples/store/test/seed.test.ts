import { createMembers, MEMBER_COUNT, PICTURES } from '@millrace-store/store/data'
import { describe, expect, it } from 'vitest'
import { createComments, createFollows, createPosts } from '../services/content/src/seed/posts.ts'
import { createVideos } from '../services/content/src/seed/videos.ts'
import { createWikiPages } from '../services/content/src/seed/wiki.ts'
import { createOrders, ORDER_COUNT } from '../services/shop/src/seed/orders.ts'
import { createProducts, PRODUCT_COUNT } from '../services/shop/src/seed/products.ts'
import { createReviews, REVIEW_COUNT } from '../services/shop/src/seed/reviews.ts'
import { createMessages, MESSAGE_COUNT } from '../services/user/src/seed/messages.ts'
import { createProjects } from '../services/user/src/seed/projects.ts'
import { createUsers } from '../services/user/src/seed/users.ts'

const anchor = new Date('2026-06-01T00:00:00Z')
const products = createProducts(anchor)
const posts = createPosts(anchor)

describe('the seeded store', () => {
  it.each([
    ['users', () => createUsers(anchor)],
    ['products', () => createProducts(anchor)],
    ['reviews', () => createReviews(products, anchor)],
    ['orders', () => createOrders(products, anchor)],
    ['posts', () => createPosts(anchor)],
    ['comments', () => createComments(posts, anchor)],
    ['follows', () => createFollows()],
    ['wiki pages', () => createWikiPages(anchor)],
    ['videos', () => createVideos(anchor)],
    ['messages', () => createMessages(anchor)],
    ['projects', () => createProjects(anchor)],
  ] as const)('has the same %s every time', (_name, create) => {
    expect(JSON.stringify(create())).toBe(JSON.stringify(create()))
  })

  it('has as many rows as it says', () => {
    expect(createMembers()).toHaveLength(MEMBER_COUNT)
    expect(products).toHaveLength(PRODUCT_COUNT)
    expect(createReviews(products, anchor)).toHaveLength(REVIEW_COUNT)
    expect(createOrders(products, anchor).orders).toHaveLength(ORDER_COUNT)
    expect(createWikiPages(anchor)).toHaveLength(500)
    expect(createMessages(anchor).messages).toHaveLength(MESSAGE_COUNT)
  })

  it('keeps what must be unique unique', () => {
    const distinct = (values: readonly unknown[]) => new Set(values).size
    expect(distinct(createMembers().map((member) => member.username))).toBe(MEMBER_COUNT)
    expect(distinct(products.map((product) => product.sku))).toBe(PRODUCT_COUNT)
    expect(distinct(createWikiPages(anchor).map((page) => page.slug))).toBe(500)
    const follows = createFollows()
    expect(distinct(follows.map((follow) => `${follow.follower_id} ${follow.followee_id}`))).toBe(
      follows.length,
    )
  })

  it('never reviews a product before it exists', () => {
    const born = new Map(products.map((product) => [product.id, product.created_at.getTime()]))
    for (const review of createReviews(products, anchor)) {
      expect(review.created_at.getTime()).toBeGreaterThanOrEqual(born.get(review.product_id) ?? Infinity)
    }
  })

  it('shows every picture in some product', () => {
    expect(new Set(products.map((product) => product.picture)).size).toBe(PICTURES.length)
  })

  it('crops within the photographs', () => {
    expect(PICTURES.map((picture) => picture.path)).toContain('/images/product48.jpg')
    for (const { crop, width, height } of PICTURES) {
      const [left, top, cropWidth, cropHeight] = crop
      expect(left + cropWidth).toBeLessThanOrEqual(1)
      expect(top + cropHeight).toBeLessThanOrEqual(1)
      expect(Math.max(width, height)).toBeGreaterThanOrEqual(1_600)
    }
  })
})
