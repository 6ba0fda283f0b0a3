import { createRandom, MEMBER_COUNT, pastMoment } from '@millrace-store/store/data'

export const CONVERSATION_COUNT = 4_000
export const MESSAGE_COUNT = 50_000

const TITLES = [
  'Paper order',
  'Swap',
  'Darkroom key',
  'Print evening',
  'Question about your post',
  'Frame for sale',
]

const LINES = [
  'Is it still available?',
  'Yes, I can bring it on Thursday.',
  'The last batch came out much better.',
  'Which developer did you use?',
  'Could you send me a scan first?',
  'Parcel arrived, thank you!',
  'I will be late, start without me.',
  'Let us try the cotton paper this time.',
  'It fits the frame exactly.',
  'No hurry at all.',
]

export function createMessages(anchor: Date): {
  conversations: object[]
  participants: object[]
  messages: object[]
} {
  const random = createRandom('messages')
  const people = Array.from({ length: CONVERSATION_COUNT }, () => {
    const members = new Set<number>()
    const size = random.chance(0.85) ? 2 : random.int(3, 6)
    while (members.size < size) members.add(random.int(1, MEMBER_COUNT))
    return [...members]
  })
  const moments = Array.from({ length: MESSAGE_COUNT }, () => pastMoment(random, anchor, 730))
  moments.sort((a, b) => a.getTime() - b.getTime())
  return {
    conversations: people.map((_, index) => ({ id: index + 1, title: random.pick(TITLES) })),
    participants: people.flatMap((members, index) =>
      members.map((user_id) => ({ conversation_id: index + 1, user_id })),
    ),
    messages: moments.map((created_at) => {
      const conversation = random.popular(CONVERSATION_COUNT)
      return {
        conversation_id: conversation + 1,
        sender_id: random.pick(people[conversation] as number[]),
        body: random.pick(LINES),
        is_read: random.chance(0.9),
        created_at,
      }
    }),
  }
}
