import type { NamespaceOptions } from './namespace.ts'

const seconds = (count: number): NamespaceOptions => ({ ttlMs: count * 1_000 })

/** Times to live for the usual kinds of data in a shop or community; each name is also a namespace. */
export const CACHE_POLICIES = {
  USER_PROFILE: seconds(600),
  USER_SKILLS: seconds(600),
  POST_FEED: seconds(120),
  POST_DETAILS: seconds(300),
  COMMENTS: seconds(180),
  PRODUCTS: seconds(600),
  PRODUCT_DETAILS: seconds(900),
  PRODUCT_REVIEWS: seconds(300),
  WIKI_PAGES: seconds(1_800),
  WIKI_PAGE_DETAILS: seconds(1_800),
  VIDEO_LIST: seconds(600),
  SEARCH_RESULTS: seconds(300),
  NOTIFICATIONS: seconds(60),
  ORDER_DETAILS: seconds(300),
} as const satisfies Record<string, NamespaceOptions>

export type CachePolicy = keyof typeof CACHE_POLICIES

/** Common times to live, in milliseconds. */
export const TTL = {
  '1m': 60_000,
  '5m': 300_000,
  '15m': 900_000,
  '1h': 3_600_000,
  '24h': 86_400_000,
} as const

/** What a change to a user, a post, a product or the search index makes stale: patterns for `delPattern`. */
export const INVALIDATION_GROUPS = {
  USER: ['USER_PROFILE:*', 'POST_FEED:*', 'USER_SKILLS:*'],
  POST: ['POST_FEED:*', 'POST_DETAILS:*', 'COMMENTS:*'],
  PRODUCT: ['PRODUCTS:*', 'PRODUCT_DETAILS:*', 'PRODUCT_REVIEWS:*'],
  SEARCH: ['SEARCH_RESULTS:*'],
} as const satisfies Record<string, readonly `${CachePolicy}:*`[]>

export type InvalidationGroup = keyof typeof INVALIDATION_GROUPS
