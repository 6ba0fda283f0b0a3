import { createRandom, MEMBER_COUNT, pastMoment, PICTURES, pictureTitle } from '@millrace-store/store/data'

export const POST_COUNT = 8_000
export const COMMENT_COUNT = 30_000
const DAYS = 730

export interface PostRow {
  id: number
  author_id: number
  title: string
  body: string
  picture: number | null
  visibility: 'public' | 'followers'
  like_count: number
  created_at: Date
}

export interface CommentRow {
  post_id: number
  author_id: number
  body: string
  created_at: Date
}

const SUBJECTS = [
  ['Hung it at last: {picture}', 'It spent two months in its tube because I could not decide on a wall.'],
  ['What {artist} saw', 'I keep coming back to the way {artist} let the horizon sit so low.'],
  [
    'First salted paper print',
    'Coated the paper at midnight, exposed it at noon, and it is far from perfect.',
  ],
  ['A mat for {picture}', 'Four plies, ivory, and a bottom margin that is a little wider than the rest.'],
  ['Does anyone know this lens?', 'The corners fall off so gently that it must be a petzval of some kind.'],
  ['A walk with the big camera', 'Ten kilos, six sheets, one picture worth keeping.'],
  ['Notes on toning', 'Selenium for the shadows, a short bath of gold for everything else.'],
  ['{picture}, again', 'Third time that I have given this as a present, and it never fails.'],
  ['Before and after cleaning', 'A soft brush, patience, and no water anywhere near it.'],
  ['The light this week', 'Low, yellow, and gone by four: ideal for people who print indoors.'],
] as const

const SENTENCES = [
  'The shadows hold more than I expected.',
  'I used the cotton paper from the shop and it takes ink beautifully.',
  'My neighbour asked whether it was a window.',
  'If you stand close enough you can count the planks.',
  'Next time I would go one size larger.',
  'The frame is second-hand, which suits the age of the picture.',
  'There is a wiki page on this process and it saved me a sheet or two.',
  'Nothing about it is sharp in the modern sense, and I do not miss it.',
  'The tone changes during the day, warm at breakfast and nearly neutral at night.',
  'I would love to see how others have solved this.',
  'It took three evenings, two of which were spent waiting for things to dry.',
  'A hundred and fifty years later it still looks like this morning.',
]

const COMMENTS = [
  'Beautiful, thank you for showing it.',
  'Which paper is that?',
  'The wide bottom margin is exactly right.',
  'I have the same one in the hall and never get tired of it.',
  'Try a shorter second bath, it keeps the highlights clean.',
  'How long was the exposure?',
  'This made me order one, I hope you are happy.',
  'The frame does it a favour.',
  'Mine came out much darker. Was yours in direct sun?',
  'Lovely. The sky alone would be enough.',
  'Would you write this up for the wiki?',
  'I saw the original once; it is smaller than you would think.',
  'Such patience.',
]

export function createPosts(anchor: Date): PostRow[] {
  const random = createRandom('posts')
  const moments = Array.from({ length: POST_COUNT }, () => pastMoment(random, anchor, DAYS))
  moments.sort((a, b) => a.getTime() - b.getTime())
  return moments.map((created_at, index) => {
    const picture = random.pick(PICTURES)
    const fill = (text: string): string =>
      text.replaceAll('{picture}', pictureTitle(picture)).replaceAll('{artist}', picture.photograph.artist)
    const [title, opening] = random.pick(SUBJECTS)
    return {
      id: index + 1,
      author_id: random.popular(MEMBER_COUNT) + 1,
      title: fill(title),
      body: [fill(opening), ...random.sample(SENTENCES, random.int(2, 5))].join(' '),
      picture: random.chance(0.7) ? picture.number : null,
      visibility: random.chance(0.9) ? 'public' : 'followers',
      like_count: random.popular(240),
      created_at,
    }
  })
}

export function createComments(posts: readonly PostRow[], anchor: Date): CommentRow[] {
  const random = createRandom('comments')
  return Array.from({ length: COMMENT_COUNT }, () => {
    // New posts are read most, so they are also commented on most.
    const post = posts[posts.length - 1 - random.popular(posts.length)] as PostRow
    const age = (anchor.getTime() - post.created_at.getTime()) / 86_400_000
    return {
      post_id: post.id,
      author_id: random.int(1, MEMBER_COUNT),
      body: random.chance(0.3) ? random.sample(COMMENTS, 2).join(' ') : random.pick(COMMENTS),
      created_at: pastMoment(random, anchor, age),
    }
  })
}

/** Everyone follows some of the busy members, at most once each. */
export function createFollows(): { follower_id: number; followee_id: number }[] {
  const random = createRandom('follows')
  return Array.from({ length: MEMBER_COUNT }, (_, index) => index + 1).flatMap((follower_id) => {
    const followees = new Set<number>()
    for (let n = random.int(4, 16); n > 0; n--) followees.add(random.popular(MEMBER_COUNT) + 1)
    followees.delete(follower_id)
    return [...followees].map((followee_id) => ({ follower_id, followee_id }))
  })
}
