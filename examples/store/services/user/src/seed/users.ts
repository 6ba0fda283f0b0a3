import { createMembers, createRandom, pastMoment, PICTURES } from '@millrace-store/store/data'

export const NOTIFICATION_COUNT = 20_000

const BIOS = [
  'Prints in the bathroom after ten, when the house is dark.',
  'Collects photographs of harbours and anything with rigging.',
  'Restores frames for a living and hangs other people’s pictures for pleasure.',
  'Walks with a large camera and a small dog.',
  'Teaches drawing, learns chemistry.',
  'Here for the wiki, stayed for the comments.',
  'Keeps every test strip.',
  'Looks for mountains in flat countries.',
  'Botanist by day, Blossfeldt admirer by night.',
  'Would rather have one good print than ten posters.',
]

const SKILLS = [
  'Albumen printing',
  'Bookbinding',
  'Carbon transfer',
  'Composition',
  'Cyanotype',
  'Darkroom printing',
  'Digital negatives',
  'Framing',
  'Gum bichromate',
  'Large format',
  'Mat cutting',
  'Paper conservation',
  'Photogravure',
  'Platinum printing',
  'Retouching',
  'Scanning',
  'Tintype',
  'Toning',
  'Typography',
  'Wet collodion',
]

const NOTICES = [
  ['comment', '{name} commented on your post.'],
  ['follow', '{name} follows you.'],
  ['like', '{name} likes your post.'],
  ['order', 'Your order is on its way.'],
  ['wiki', 'A wiki page that you watch was changed by {name}.'],
] as const

export interface UserRow {
  id: number
  username: string
  email: string
  display_name: string
  bio: string
  city: string
  country: string
  role: 'member' | 'printer' | 'moderator'
  picture: number
  is_active: boolean
  created_at: Date
  updated_at: Date
}

export function createUsers(anchor: Date): UserRow[] {
  const random = createRandom('users')
  return createMembers().map(({ id, username, displayName, city, country }) => {
    const joined = pastMoment(random, anchor, 900)
    return {
      id,
      username,
      // A domain that can never receive mail (RFC 2606).
      email: `${username}@store.example`,
      display_name: displayName,
      bio: random.pick(BIOS),
      city,
      country,
      role: random.chance(0.01) ? 'moderator' : random.chance(0.06) ? 'printer' : 'member',
      picture: random.pick(PICTURES).number,
      is_active: id <= 100 || random.chance(0.97),
      created_at: joined,
      updated_at: joined,
    }
  })
}

export function createSkills(anchor: Date): object[] {
  const random = createRandom('skills')
  return createMembers().flatMap(({ id }) =>
    random.sample(SKILLS, random.int(1, 5)).map((name) => ({
      user_id: id,
      name,
      level: random.int(1, 5),
      created_at: pastMoment(random, anchor, 600),
    })),
  )
}

export function createNotifications(anchor: Date): object[] {
  const random = createRandom('notifications')
  const members = createMembers()
  return Array.from({ length: NOTIFICATION_COUNT }, () => {
    const [kind, text] = random.pick(NOTICES)
    return {
      user_id: random.pick(members).id,
      kind,
      body: text.replace('{name}', random.pick(members).displayName),
      is_read: random.chance(0.7),
      created_at: pastMoment(random, anchor, 120),
    }
  })
}
