/** What a picture can be bought as. Prices in cents. */
export interface Format {
  category: string
  name: string
  code: string
  about: string
  sizes: readonly (readonly [label: string, priceCents: number])[]
  /** Numbered, so that it can sell out; everything else is made to order. */
  limited?: boolean
}

const format = (
  category: string,
  code: string,
  name: string,
  about: string,
  ...sizes: (readonly [string, number])[]
): Format => ({ category, code, name, about, sizes })

const FRAME_SIZES = [
  ['20 × 25 cm', 5_900],
  ['30 × 40 cm', 8_900],
  ['50 × 70 cm', 14_900],
] as const

export const FORMATS: readonly Format[] = [
  format(
    'prints',
    'GIC',
    'Giclée print',
    'Pigment inks on 310 g cotton paper, which keep their tone for a century behind glass.',
    ['20 × 25 cm', 2_400],
    ['30 × 40 cm', 3_900],
    ['40 × 50 cm', 5_400],
    ['50 × 70 cm', 7_900],
    ['70 × 100 cm', 12_900],
  ),
  {
    ...format(
      'prints',
      'PLT',
      'Platinum-tone edition',
      'Printed by hand in a numbered edition, with the printer’s blind stamp in the lower margin.',
      ['30 × 40 cm', 16_500],
      ['50 × 70 cm', 28_000],
    ),
    limited: true,
  },
  format(
    'framed',
    'OAK',
    'Framed in oak',
    'Oiled oak, a bevelled white mat, and glass that does not glare.',
    ...FRAME_SIZES,
  ),
  format(
    'framed',
    'ASH',
    'Framed in black ash',
    'Black-stained ash with open grain, white mat, clear glass.',
    ...FRAME_SIZES,
  ),
  format(
    'framed',
    'WAL',
    'Framed in walnut',
    'Solid walnut with a narrow profile and an ivory mat.',
    ...FRAME_SIZES,
  ),
  format(
    'canvas',
    'CNV',
    'Canvas',
    'Cotton canvas over a pine stretcher, edges continued by hand.',
    ['40 × 50 cm', 6_400],
    ['60 × 80 cm', 10_900],
    ['90 × 120 cm', 18_900],
  ),
  format(
    'canvas',
    'ALU',
    'Aluminium panel',
    'Printed directly on brushed aluminium with a hidden hanger.',
    ['40 × 50 cm', 8_200],
    ['60 × 80 cm', 13_800],
  ),
  format(
    'posters',
    'PST',
    'Poster',
    'Offset on 170 g uncoated paper, shipped rolled.',
    ['A3', 1_200],
    ['A2', 1_800],
    ['A1', 2_600],
    ['B1', 3_400],
  ),
  format('cards', 'PCD', 'Postcards', 'Thick, uncoated, and happy to be written on with a fountain pen.', [
    'set of 8',
    900,
  ]),
  format(
    'cards',
    'GRT',
    'Greeting card',
    'Blank inside, with a recycled envelope.',
    ['single', 350],
    ['set of 6', 1_600],
  ),
  format('cards', 'BMK', 'Bookmarks', 'Four different strips of the picture on heavy card.', [
    'set of 4',
    700,
  ]),
  format(
    'stationery',
    'NTB',
    'Notebook',
    'Thread-sewn, lies flat, 144 pages of 100 g paper.',
    ['A5 lined', 1_400],
    ['A5 dotted', 1_400],
  ),
  format('stationery', 'SKB', 'Sketchbook', 'Sixty sheets of 160 g drawing paper between printed boards.', [
    'A4',
    2_200,
  ]),
  format('stationery', 'CAL', 'Wall calendar', 'Twelve details of the picture, one for each month.', [
    '30 × 30 cm',
    1_900,
  ]),
  format('stationery', 'WRP', 'Wrapping paper', 'The picture as a repeating pattern.', ['3 sheets', 850]),
  format(
    'puzzles',
    'PUZ',
    'Jigsaw puzzle',
    'Die-cut from recycled board, in a box with the picture on its lid.',
    ['500 pieces', 1_900],
    ['1,000 pieces', 2_500],
    ['2,000 pieces', 3_600],
  ),
  format('home', 'TOT', 'Tote bag', 'Organic cotton with long handles.', ['38 × 42 cm', 1_800]),
  format('home', 'CSH', 'Cushion cover', 'Linen front, cotton back, hidden zip.', ['45 × 45 cm', 3_200]),
  format('home', 'TWL', 'Tea towel', 'Half linen, half cotton, woven in Europe.', ['50 × 70 cm', 1_500]),
  format('home', 'MUG', 'Enamel mug', 'Steel, fired twice, safe over a camp fire.', ['350 ml', 1_700]),
]
