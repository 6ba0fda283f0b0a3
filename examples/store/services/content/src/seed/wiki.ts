import { createRandom, pastMoment, PICTURES } from '@millrace-store/store/data'

export interface WikiRow {
  slug: string
  topic: string
  title: string
  summary: string
  body: string
  picture: number
  revision: number
  updated_at: Date
}

/** What makes each process what it is, in one sentence that every page on it can rest on. */
const TOPICS: readonly (readonly [name: string, about: string])[] = [
  [
    'Albumen print',
    'paper coated with egg white and salt, sensitised with silver nitrate and printed out in daylight',
  ],
  [
    'Wet collodion',
    'a glass plate that is coated, exposed and developed within about ten minutes, before it dries',
  ],
  ['Salted paper print', 'the oldest printing paper: salt, silver nitrate and the sun'],
  ['Cyanotype', 'iron salts that turn Prussian blue in the light and need nothing but water to develop'],
  ['Platinum print', 'platinum instead of silver, matt, permanent, and of very long tonal range'],
  ['Palladium print', 'the warmer and cheaper sister of the platinum print'],
  [
    'Gum bichromate',
    'pigment in gum arabic that hardens where light has reached it, often in several layers',
  ],
  [
    'Carbon transfer',
    'pigmented gelatine that is moved from one sheet to another, with a relief one can feel',
  ],
  ['Photogravure', 'a photograph etched into a copper plate and printed with ink on an intaglio press'],
  [
    'Gelatin silver print',
    'silver halides in gelatine, developed out, the standard of the twentieth century',
  ],
  ['Daguerreotype', 'a silvered plate, fumed with iodine, developed over mercury, without a negative'],
  ['Ambrotype', 'an underexposed collodion negative that looks positive in front of black'],
  ['Tintype', 'collodion on black-lacquered iron, ready while the sitter waits'],
  ['Calotype', 'the first paper negative, soft because of its fibres'],
  ['Van Dyke brown', 'iron and silver together, sepia from the start, cheap and forgiving'],
  ['Kallitype', 'an iron-silver print whose colour is decided by its developer'],
  ['Bromoil', 'a bleached print inked by hand with a stag-foot brush'],
  ['Collotype', 'reticulated gelatine that takes ink in proportion to light, without a screen'],
  ['Woodburytype', 'a lead mould of a gelatine relief, filled with pigmented ink'],
  ['Autochrome', 'dyed potato starch as a colour filter on a single glass plate'],
  ['Stereograph', 'two pictures an eye’s distance apart, seen as one with depth'],
  ['Chronophotography', 'a movement divided into single moments by shutters in a row'],
  ['Giclée printing', 'pigment inks sprayed on cotton paper from a digital file'],
  ['Framing', 'mat, glass, backing and frame, which decide how long a print will live'],
  ['Aerial photography', 'pictures from kites, balloons and open cockpits, before it was ordinary'],
]

const ASPECTS: readonly (readonly [title: string, lead: string])[] = [
  ['A short history', 'Who came upon it, who made it practical, and why it went out of use.'],
  ['Materials', 'What has to be on the table before the first sheet is touched.'],
  ['Step by step', 'The whole procedure, in the order in which it happens.'],
  ['Paper and support', 'Fibres, sizing and weight, and how each of them shows in the result.'],
  ['Coating evenly', 'Brush, rod or float: three ways and their marks.'],
  ['Exposure', 'How to judge it by eye, by test strip and by meter.'],
  ['Development', 'Temperature, time and agitation, and which of them matters.'],
  ['Toning', 'Baths that change colour and permanence, with their order.'],
  ['Washing and drying', 'The unexciting part, on which everything depends.'],
  ['Flattening and mounting', 'From curled sheet to flat print without a crease.'],
  ['How to recognise it', 'What a loupe, raking light and the back of the sheet tell.'],
  ['Typical damage', 'Fading, foxing, silvering and where each comes from.'],
  ['Storage', 'Humidity, temperature, envelopes and the case against attics.'],
  ['Reproducing an original', 'Light, copy stand and colour target.'],
  ['Scanning', 'Resolution, bit depth and why dust is not removed in software first.'],
  ['Printing it today', 'Which modern papers come close, and where they do not.'],
  ['Safety', 'Gloves, air, labels, and what must never go down the drain.'],
  ['Common mistakes', 'Stains, streaks, fog: what they look like and what caused them.'],
  ['People', 'Photographers whose work is bound up with it.'],
  ['Further reading', 'Manuals of the time and books about them.'],
]

const PARAGRAPHS = [
  'Begin with less than you think is needed. A weak first layer can be strengthened, while one that is too strong has to be washed off and begun again.',
  'Keep a notebook. Weather, water and paper change from week to week, and a line about each sheet is worth more than any table.',
  'Contrast is decided early. A thin negative will never print with depth, whatever is done to it later.',
  'Work from the lightest tone. When the highlights separate, the shadows nearly always follow.',
  'Clean hands, a clean glass and a clean brush prevent more faults than any formula cures.',
  'Old manuals give weights in grains and volumes in drachms. Convert once, write it on the bottle, and do not trust memory.',
  'Daylight varies by a factor of ten within a morning. A lamp is slower but repeats itself.',
  'Let the sheet rest. Most curling, and much of the unevenness, goes away if nothing is done for a quarter of an hour.',
  'Judge the print dry. Wet prints look deeper than they are, by about a tenth of the scale.',
  'If in doubt, make a test strip. Paper is cheaper than an evening.',
]

const slugOf = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')

/** One page per topic and aspect: 25 × 20 = 500. */
export function createWikiPages(anchor: Date): WikiRow[] {
  const random = createRandom('wiki')
  return TOPICS.flatMap(([topic, about]) =>
    ASPECTS.map(([aspect, lead]) => {
      const sections = random.sample(PARAGRAPHS, random.int(4, 7))
      const half = Math.ceil(sections.length / 2)
      return {
        slug: slugOf(`${topic} ${aspect}`),
        topic,
        title: `${topic}: ${aspect}`,
        summary: lead,
        body: [
          `${topic}: ${about}. ${lead}`,
          '## In practice',
          ...sections.slice(0, half),
          '## Worth knowing',
          ...sections.slice(half),
        ].join('\n\n'),
        picture: random.pick(PICTURES).number,
        revision: random.int(1, 24),
        updated_at: pastMoment(random, anchor, 700),
      }
    }),
  )
}
