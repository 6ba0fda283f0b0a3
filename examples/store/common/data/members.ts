import { createRandom } from './random.ts'

/** Members have the same name in every service's database, each of which keeps only the columns it needs. */
export interface Member {
  id: number
  username: string
  displayName: string
  city: string
  country: string
}

export const MEMBER_COUNT = 5_000

const GIVEN = (
  'Aiko Amara Anders Anika Arjun Astrid Beatriz Ben Camille Carlos Chiara Clara Daniel Delphine Dmitri Eilidh Elena Elif ' +
  'Emeka Emma Erik Esther Farah Felix Fiona Freya Gabriel Grace Hana Hannah Hugo Ibrahim Imani Ines Ingrid Isla Ivan Jakub ' +
  'Jamal Jana Jonas Jorge Julia Kaito Karin Katarzyna Kenji Lars Laura Leila Lena Leo Liam Lina Lucia Luis Maja Malik Mara ' +
  'Marco Maria Mateo Maya Mei Mila Mira Nadia Naomi Nikhil Nils Nina Noor Nora Olga Oliver Omar Oskar Paula Pedro Petra ' +
  'Priya Rafael Rania Renata Rosa Ruth Sam Sanjay Sara Selma Sofia Stefan Sven Tamar Tariq Teresa Theo Thomas Tilda Tomas ' +
  'Valentina Vera Viktor Wanjiru Wei Yara Yuki Yusuf Zara Zofia'
).split(' ')

const FAMILY = (
  'Abadi Adeyemi Almeida Andersson Arslan Baker Banerjee Becker Bergström Bianchi Brandt Brown Carvalho Castro Chen Cohen ' +
  'Conti Costa Dahl Davies Dubois Dupont Eriksen Evans Fernandes Ferrari Fischer Fontaine Fraser Fujita García Gomes Greco ' +
  'Gruber Haddad Hansen Hashimoto Hoffmann Horváth Hughes Ito Ivanova Jansen Jensen Johansson Kamau Kaplan Kaur Keller Khan ' +
  'Kim Kovács Kowalska Larsen Laurent Lee Lehtonen Lindqvist López MacLeod Marino Martin Meyer Mishra Moreau Moreno Morris ' +
  'Murphy Mwangi Nakamura Nguyen Nielsen Novak Nowak Okafor Okonkwo Olsen Ortega Osei Park Patel Pereira Peters Petrov Popa ' +
  'Quinn Rahman Ramirez Reyes Ricci Rossi Roux Russo Sato Schmidt Schneider Sharma Silva Singh Sokolov Suzuki Svensson ' +
  'Tanaka Taylor Torres Tremblay Vargas Virtanen Vogel Wagner Walker Wang Weber Weiss Wilson Wójcik Wood Wright Yamamoto ' +
  'Yilmaz Young Zhang Zimmermann'
).split(' ')

const PLACES: readonly (readonly [string, string])[] = [
  ['Amsterdam', 'Netherlands'],
  ['Barcelona', 'Spain'],
  ['Bergen', 'Norway'],
  ['Berlin', 'Germany'],
  ['Bologna', 'Italy'],
  ['Bristol', 'United Kingdom'],
  ['Budapest', 'Hungary'],
  ['Copenhagen', 'Denmark'],
  ['Cork', 'Ireland'],
  ['Edinburgh', 'United Kingdom'],
  ['Gothenburg', 'Sweden'],
  ['Graz', 'Austria'],
  ['Helsinki', 'Finland'],
  ['Kraków', 'Poland'],
  ['Kyoto', 'Japan'],
  ['Lagos', 'Nigeria'],
  ['Leipzig', 'Germany'],
  ['Lisbon', 'Portugal'],
  ['Ljubljana', 'Slovenia'],
  ['Lyon', 'France'],
  ['Melbourne', 'Australia'],
  ['Mexico City', 'Mexico'],
  ['Montréal', 'Canada'],
  ['Mumbai', 'India'],
  ['Nairobi', 'Kenya'],
  ['Nantes', 'France'],
  ['Porto', 'Portugal'],
  ['Portland', 'United States'],
  ['Prague', 'Czechia'],
  ['Santiago', 'Chile'],
  ['São Paulo', 'Brazil'],
  ['Seoul', 'South Korea'],
  ['Tallinn', 'Estonia'],
  ['Toronto', 'Canada'],
  ['Utrecht', 'Netherlands'],
  ['Wellington', 'New Zealand'],
  ['Zürich', 'Switzerland'],
]

const plain = (name: string): string =>
  name
    .normalize('NFD')
    .replace(/[^A-Za-z]/g, '')
    .toLowerCase()

/** The members 1 to `count`, always the same. */
export function createMembers(count = MEMBER_COUNT): Member[] {
  const random = createRandom('members')
  const taken = new Map<string, number>()
  return Array.from({ length: count }, (_, index) => {
    const given = random.pick(GIVEN)
    const family = random.pick(FAMILY)
    const [city, country] = random.pick(PLACES)
    const base = `${plain(given)}.${plain(family)}`
    const seen = taken.get(base) ?? 0
    taken.set(base, seen + 1)
    const username = seen === 0 ? base : `${base}${seen + 1}`
    return { id: index + 1, username, displayName: `${given} ${family}`, city, country }
  })
}
