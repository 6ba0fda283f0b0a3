import { assetsErrors } from '../errors.ts'

export const SOURCE_FORMATS = ['jpeg', 'png', 'webp', 'avif', 'gif'] as const
export type SourceFormat = (typeof SOURCE_FORMATS)[number]

const AVIF_BRANDS = new Set(['avif', 'avis'])
const HEIF_BRANDS = new Set(['heic', 'heix', 'hevc', 'heim', 'heis', 'hevm', 'mif1', 'msf1'])

/**
 * The format by the first bytes, whatever the name or label says. Only what is recognised here ever reaches the
 * decoders, which could read far more (PDF, SVG, TIFF) than should be exposed to strangers.
 * @throws ASSETS_SVG_REFUSED, ASSETS_FORMAT_UNSUPPORTED, ASSETS_NOT_AN_IMAGE
 */
export function sniffFormat(bytes: Uint8Array, contentType?: string): SourceFormat {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 1_024))
  if (starts(head, 0xff, 0xd8, 0xff)) return 'jpeg'
  if (starts(head, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return 'png'
  const ascii = head.toString('latin1')
  if (ascii.startsWith('GIF87a') || ascii.startsWith('GIF89a')) return 'gif'
  if (ascii.startsWith('RIFF') && ascii.slice(8, 12) === 'WEBP') return 'webp'
  if (ascii.slice(4, 8) === 'ftyp') return fromBrands(head)
  const known = otherFormat(head, ascii)
  if (known !== undefined) throw assetsErrors.FORMAT_UNSUPPORTED({ format: known })
  // An SVG may begin with a byte-order mark, white space, an XML declaration, comments or a doctype.
  if (/^(\u00ef\u00bb\u00bf)?\s*</.test(ascii) && /<svg[\s/>]/i.test(ascii))
    throw assetsErrors.SVG_REFUSED({})
  throw assetsErrors.NOT_AN_IMAGE(contentType === undefined ? {} : { contentType })
}

const starts = (head: Buffer, ...bytes: number[]): boolean => bytes.every((byte, i) => head[i] === byte)

/** ISO base media: the major brand, or one of the compatible ones (AVIF specification, section 6). */
function fromBrands(head: Buffer): SourceFormat {
  const end = Math.min(head.readUInt32BE(0), head.length)
  const brands = new Set<string>()
  for (let at = 8; at + 4 <= end; at += 4) if (at !== 12) brands.add(head.toString('latin1', at, at + 4))
  if ([...brands].some((brand) => AVIF_BRANDS.has(brand))) return 'avif'
  const heif = [...brands].some((brand) => HEIF_BRANDS.has(brand))
  throw assetsErrors.FORMAT_UNSUPPORTED({ format: heif ? 'HEIC' : 'A video container' })
}

function otherFormat(head: Buffer, ascii: string): string | undefined {
  if (ascii.startsWith('II*\u0000') || ascii.startsWith('MM\u0000*')) return 'TIFF'
  if (ascii.startsWith('BM')) return 'BMP'
  if (ascii.startsWith('%PDF')) return 'PDF'
  if (starts(head, 0x00, 0x00, 0x01, 0x00)) return 'ICO'
  if (starts(head, 0xff, 0x0a) || starts(head, 0, 0, 0, 12, 0x4a, 0x58, 0x4c, 0x20)) return 'JPEG XL'
  if (starts(head, 0x1f, 0x8b)) return 'A compressed file (SVGZ)'
  return undefined
}
