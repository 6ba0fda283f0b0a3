import { createRandom, MEMBER_COUNT, pastMoment, PICTURES, pictureTitle } from '@millrace-store/store/data'

export const VIDEO_COUNT = 300

export interface VideoRow {
  author_id: number
  title: string
  description: string
  poster: number
  duration_seconds: number
  view_count: number
  created_at: Date
}

const SERIES = [
  ['Studio notes', 'An afternoon in the workshop, without music and with most of the mistakes left in.'],
  [
    'Reading a picture',
    'Twenty minutes in front of one photograph: composition, light, and what is just outside the frame.',
  ],
  ['From plate to paper', 'The whole process in one take, from the bare sheet to the washed print.'],
  ['Framing room', 'Cutting mats, choosing mouldings, and repairing what time has loosened.'],
  ['Ask the printer', 'Questions from members, answered with ink on the fingers.'],
  ['In the field', 'A heavy camera, a light lunch, and the weather as it came.'],
] as const

export function createVideos(anchor: Date): VideoRow[] {
  const random = createRandom('videos')
  return Array.from({ length: VIDEO_COUNT }, (_, index) => {
    const picture = random.pick(PICTURES)
    const [series, description] = random.pick(SERIES)
    return {
      author_id: random.popular(MEMBER_COUNT) + 1,
      title: `${series} ${index + 1}: ${pictureTitle(picture)}`,
      description,
      poster: picture.number,
      duration_seconds: random.int(90, 2_400),
      view_count: random.popular(60_000),
      created_at: pastMoment(random, anchor, 700),
    }
  })
}
