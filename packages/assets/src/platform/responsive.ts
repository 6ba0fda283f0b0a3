import { IMAGE_FORMATS, type ImageFormat, type ImageRequest } from '@millrace/core'
import { z } from 'zod'
import { imageUrl } from '../images/url.ts'
import type { AssetsService } from '../service.ts'
import type { ImageAnswer } from './image-client.ts'

export const responsiveSetSchema = z.object({
  src: z.string(),
  originalBytes: z.number(),
  aspectRatio: z.number().describe('Width by height.'),
  srcset: z.string(),
  sizes: z.string(),
  /** The fallback: the largest of the set. */
  url: z.string(),
  images: z.array(
    z.object({
      url: z.string(),
      width: z.number(),
      height: z.number(),
      format: z.enum(IMAGE_FORMATS),
      bytes: z.number(),
    }),
  ),
  placeholder: z
    .string()
    .optional()
    .describe('A blurred picture of a few hundred bytes, as a data: address.'),
  html: z.string(),
})

export interface ResponsiveInput {
  src: string
  maxWidth?: number | undefined
  aspectRatio?: string | undefined
  sizes: string
  alt: string
  quality?: number | undefined
  format: ImageFormat | 'auto'
}

interface RunContext {
  signal: AbortSignal
  progress(fraction: number, message?: string): void
}

/** Widths below this are for placeholders, not for layouts. */
const SMALLEST = 128
const PLACEHOLDER_WIDTH = 32

/** Optimises every width and describes the set: the numbers are those of real files. */
export async function responsiveSet(
  service: AssetsService,
  input: ResponsiveInput,
  context: RunContext,
): Promise<z.input<typeof responsiveSetSchema>> {
  const { config } = service
  const { signal } = context
  const { src, format, quality, sizes } = input
  const ratio = parseRatio(input.aspectRatio)
  const shared = {
    ...(format === 'auto' ? {} : { format }),
    ...(quality === undefined ? {} : { quality }),
  }
  const box = (width: number): Omit<ImageRequest, 'accept'> =>
    ratio === undefined
      ? { ...shared, width }
      : { ...shared, width, height: Math.max(1, Math.round(width / ratio)), fit: 'cover' }
  const widths = layoutWidths(config.widths, Math.min(config.maxWidth, input.maxWidth ?? config.maxWidth))
  const images: { request: Omit<ImageRequest, 'accept'>; image: ImageAnswer }[] = []
  for (const width of widths) {
    const request = box(width)
    const image = await service.optimize(src, request, signal)
    // The source has no more pixels: further widths would repeat this one.
    if (images.at(-1)?.image.width === image.width) break
    images.push({ request, image })
    context.progress(images.length / widths.length, `${image.width} pixels`)
  }
  const largest = images.at(-1)!
  const url = ({ request, image }: (typeof images)[number]): string =>
    imageUrl(src, { ...request, version: image.etag.slice(0, 8) })
  const srcset = images.map((entry) => `${url(entry)} ${entry.image.width}w`).join(', ')
  const placeholder = config.placeholders ? await placeholderOf(service, src, ratio, signal) : undefined
  return {
    src,
    originalBytes: largest.image.originalBytes,
    aspectRatio: largest.image.width / largest.image.height,
    srcset,
    sizes,
    url: url(largest),
    images: images.map((entry) => ({
      url: url(entry),
      width: entry.image.width,
      height: entry.image.height,
      format: entry.image.format,
      bytes: entry.image.data.byteLength,
    })),
    ...(placeholder === undefined ? {} : { placeholder }),
    html: markup({
      src: url(largest),
      srcset,
      sizes,
      alt: input.alt,
      width: String(largest.image.width),
      height: String(largest.image.height),
      ...(config.lazyLoading ? { loading: 'lazy', decoding: 'async' } : {}),
    }),
  }
}

/** Each this much wider than the one before: between closer ones a browser's choice saves nothing. */
const STEP = 1.2

/** Ascending, up to the limit, which is one of them where the ladder reaches it. */
export function layoutWidths(ladder: readonly number[], maxWidth: number): number[] {
  const sorted = ladder.filter((width) => width >= SMALLEST).toSorted((a, b) => a - b)
  const last = sorted.find((width) => width >= maxWidth) ?? sorted.at(-1) ?? maxWidth
  const widths: number[] = []
  for (const width of sorted) {
    if (width * STEP <= last && width >= (widths.at(-1) ?? 0) * STEP) widths.push(width)
  }
  return [...widths, last]
}

function parseRatio(text: string | undefined): number | undefined {
  const [width, height] = (text ?? '').split(/[/:]/).map(Number)
  return width !== undefined && height !== undefined && width > 0 && height > 0 ? width / height : undefined
}

async function placeholderOf(
  service: AssetsService,
  src: string,
  ratio: number | undefined,
  signal: AbortSignal,
): Promise<string> {
  const width = PLACEHOLDER_WIDTH
  const crop =
    ratio === undefined ? {} : { height: Math.max(1, Math.round(width / ratio)), fit: 'cover' as const }
  const format = service.config.formats.includes('webp') ? { format: 'webp' as const } : {}
  const { data, format: made } = await service.optimize(
    src,
    { width, quality: 30, ...crop, ...format },
    signal,
  )
  return `data:image/${made};base64,${data.toString('base64')}`
}

function markup(attributes: Record<string, string>): string {
  const escape = (text: string): string =>
    text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
  return `<img ${Object.entries(attributes)
    .map(([name, value]) => `${name}="${escape(value)}"`)
    .join(' ')}>`
}
