import { createRandom, pastMoment, PICTURES, pictureTitle } from '@millrace-store/store/data'
import { FORMATS } from './formats.ts'

export const PRODUCT_COUNT = 2_000

export interface ProductRow {
  id: number
  sku: string
  title: string
  description: string
  category: string
  format: string
  artist: string
  price_cents: number
  picture: number
  stock: number | null
  created_at: Date
}

/** Each picture in each format and size, in an order that mixes them. */
export function createProducts(anchor: Date, count = PRODUCT_COUNT): ProductRow[] {
  const random = createRandom('products')
  const variants = PICTURES.flatMap((picture) =>
    FORMATS.flatMap((format) =>
      format.sizes.map(([size, cents], index) => ({ picture, format, size, cents, index })),
    ),
  )
  return random.sample(variants, count).map(({ picture, format, size, cents, index }, at) => {
    const { artist, year, title } = picture.photograph
    const what = picture.detail === undefined ? 'The whole photograph' : `A detail of “${title}”`
    return {
      id: at + 1,
      sku: `P${String(picture.number).padStart(2, '0')}-${format.code}-${index + 1}`,
      title: `${pictureTitle(picture)}. ${format.name}, ${size}`,
      description: `${what} by ${artist} (${year}). ${format.about}`,
      category: format.category,
      format: format.name,
      artist,
      price_cents: cents,
      picture: picture.number,
      stock: format.limited === true ? random.int(3, 60) : null,
      created_at: pastMoment(random, anchor, 900),
    }
  })
}
