import { createMembers, createRandom, pastMoment } from '@millrace-store/store/data'

export const REVIEW_COUNT = 20_000

export interface ReviewRow {
  product_id: number
  author_id: number
  author_name: string
  rating: number
  title: string
  body: string
  created_at: Date
}

const GOOD = {
  titles: [
    'Better than on the screen',
    'A quiet beauty',
    'Exactly what the wall needed',
    'The tones are right',
    'Second one already',
    'Arrived flat and perfect',
    'A gift that landed',
    'Worth the wait',
  ],
  openings: [
    'The sepia is warm without being yellow.',
    'I stood in front of it for ten minutes.',
    'You can see every plank and every reed.',
    'It hangs in the hall and everyone asks about it.',
    'The paper has a weight that you notice at once.',
    'My father, who printed in a darkroom for years, approved.',
    'Shadows are deep but nothing is lost in them.',
  ],
  closings: [
    'Packed so well that unpacking took longer than hanging.',
    'Delivered two days early.',
    'Next I want the large size.',
    'The margin is generous, so framing was easy.',
    'I would order it again without thinking.',
    'Thank you to whoever wrote the small note.',
  ],
}

const MIXED = {
  titles: [
    'Lovely, with one reservation',
    'Good but smaller than I imagined',
    'Softer than expected',
    'Fine',
  ],
  openings: [
    'The picture is beautiful, the crop a little tight for me.',
    'Measure your wall: I should have taken the next size.',
    'Sharpness is what an old lens gives, and that is fine.',
    'Colours are a touch cooler than on my screen.',
  ],
  closings: [
    'I am keeping it.',
    'Customer service answered within the hour.',
    'It looks better in the evening.',
    'Shipping took a week longer than promised.',
  ],
}

const POOR = {
  titles: ['Corner was bent', 'Not for me', 'Too dark for my room'],
  openings: [
    'The tube arrived with a dent and so did the print.',
    'In my north-facing room it is almost black.',
    'I expected more detail at this size.',
  ],
  closings: [
    'A replacement is on its way.',
    'Sent back; the refund was quick.',
    'I gave it to a friend who likes it.',
  ],
}

/** Popular products have most of the reviews, and most reviews are kind. */
export function createReviews(
  products: readonly { id: number; created_at: Date }[],
  anchor: Date,
): ReviewRow[] {
  const random = createRandom('reviews')
  const members = createMembers()
  return Array.from({ length: REVIEW_COUNT }, () => {
    const product = products[random.popular(products.length)] as (typeof products)[number]
    const author = random.pick(members)
    const mood = random.next()
    const [words, rating] =
      mood < 0.78
        ? ([GOOD, random.chance(0.65) ? 5 : 4] as const)
        : mood < 0.94
          ? ([MIXED, random.chance(0.6) ? 4 : 3] as const)
          : ([POOR, random.int(1, 2)] as const)
    const age = (anchor.getTime() - product.created_at.getTime()) / 86_400_000
    return {
      product_id: product.id,
      author_id: author.id,
      author_name: author.displayName,
      rating,
      title: random.pick(words.titles),
      body: `${random.pick(words.openings)} ${random.pick(words.closings)}`,
      created_at: pastMoment(random, anchor, age),
    }
  })
}
