import { MillraceError } from '@millrace/core'
import sharp, { type SharpOptions } from 'sharp'
import { assetsErrors } from '../errors.ts'
import { sniffFormat, type SourceFormat } from './sniff.ts'

/** What is known of an image from its header, without decoding a pixel. */
export interface ImageFacts {
  format: SourceFormat
  /** As shown, with the EXIF orientation applied. */
  width: number
  height: number
  /** Frames of an animation; 1 otherwise. */
  pages: number
  hasAlpha: boolean
  bytes: number
}

const SHARP_FORMATS: Record<SourceFormat, string> = {
  jpeg: 'jpeg',
  png: 'png',
  webp: 'webp',
  avif: 'heif',
  gif: 'gif',
}

/** An AVIF decoder needs some 18 bytes per pixel, the others at most 4: it gets a smaller share. */
const AVIF_SHARE = 0.5

/** Options every pipeline starts with. `error`: truncated data is refused, harmless warnings of cameras are not. */
export const decodeOptions = (maxPixels: number, animated: boolean): SharpOptions => ({
  failOn: 'error',
  limitInputPixels: maxPixels,
  sequentialRead: true,
  animated,
})

/**
 * Reads the header and checks the limits.
 * @throws ASSETS_SVG_REFUSED, ASSETS_FORMAT_UNSUPPORTED, ASSETS_NOT_AN_IMAGE, ASSETS_IMAGE_CORRUPT,
 * ASSETS_TOO_MANY_PIXELS
 */
export async function readFacts(
  bytes: Uint8Array,
  options: { maxPixels: number; contentType?: string | undefined },
): Promise<ImageFacts> {
  const format = sniffFormat(bytes, options.contentType)
  // The limit is checked below, where the error can say by how much.
  const metadata = await sharp(bytes, { ...decodeOptions(0, true), limitInputPixels: false })
    .metadata()
    .catch((error: unknown) => {
      throw decodeError(error)
    })
  const { autoOrient, pages = 1, pageHeight } = metadata
  if (metadata.format !== SHARP_FORMATS[format]) {
    throw assetsErrors.IMAGE_CORRUPT({ reason: `it begins like ${format} and is ${metadata.format}` })
  }
  const width = autoOrient.width
  const height = pages > 1 ? (pageHeight ?? autoOrient.height / pages) : autoOrient.height
  const maxPixels = Math.floor(options.maxPixels * (format === 'avif' ? AVIF_SHARE : 1))
  if (width * height * pages > maxPixels)
    throw assetsErrors.TOO_MANY_PIXELS({ width, height, pages, maxPixels })
  return { format, width, height, pages, hasAlpha: metadata.hasAlpha, bytes: bytes.byteLength }
}

/** A decoder's complaint as an error about the image; ours and aborts pass. */
export function decodeError(error: unknown): Error {
  if (error instanceof MillraceError) return error
  const message = error instanceof Error ? error.message : String(error)
  return assetsErrors.IMAGE_CORRUPT({ reason: message.split('\n')[0]!.slice(0, 200) }, error)
}
