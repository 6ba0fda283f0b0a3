/** What the services answer, as far as the pages use it. */

export interface PictureView {
  src: string
  width: number
  height: number
  alt: string
}

export interface Product {
  id: number
  sku: string
  title: string
  category: string
  format: string
  artist: string
  priceCents: number
  currency: string
  stock: number | null
  rating: { average: number | null; count: number }
  picture: PictureView
}

export interface ProductDetails extends Product {
  description: string
}

export interface ProductPage {
  items: Product[]
  page: number
  pages: number
  total: number
}

export interface Category {
  name: string
  products: number
  picture: PictureView
}

export interface Person {
  id: number
  name: string
}

export interface Review {
  id: number
  author: Person
  rating: number
  title: string
  body: string
  createdAt: string
}

export interface ReviewPage {
  items: Review[]
  total: number
  counts: Record<string, number>
}

export interface Cart {
  id: string
  items: { product: Product; quantity: number; totalCents: number }[]
  itemsCents: number
  shippingCents: number
  totalCents: number
  currency: string
}

export interface Order {
  id: number
  userId: number
  status: string
  items: { productId: number; title: string; quantity: number; priceCents: number }[]
  itemsCents: number
  shippingCents: number
  totalCents: number
  currency: string
  address: { name: string; street: string; city: string; postcode: string; country: string }
  payments: { provider: string; status: string; reference: string }[]
  createdAt: string
}

export interface Post {
  id: number
  author: Person
  title: string
  body: string
  picture: PictureView | null
  likes: number
  comments: number
  createdAt: string
}

export interface Comment {
  id: number
  author: Person
  body: string
  createdAt: string
}

export interface WikiSummary {
  slug: string
  topic: string
  title: string
  summary: string
  picture: PictureView | null
  revision: number
  updatedAt: string
}

export interface WikiPage extends WikiSummary {
  body: string
}

export interface Video {
  id: number
  author: Person
  title: string
  description: string
  poster: PictureView
  durationSeconds: number
  views: number
  createdAt: string
}

export interface Profile {
  id: number
  username: string
  displayName: string
  bio: string
  city: string
  country: string
  role: string
  picture: PictureView
  memberSince: string
}

export interface FoundMember {
  id: number
  displayName: string
  city: string
  country: string
  skills: string[]
  picture: PictureView
}

export interface Skill {
  name: string
  level: number
}

export interface Notification {
  id: number
  kind: string
  body: string
  isRead: boolean
  createdAt: string
}

export interface UploadedFile {
  id: string
  name: string
  width: number
  height: number
  bytes: number
  variants: { name: string; src: string; width: number; height: number; bytes: number }[]
}
