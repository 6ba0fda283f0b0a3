import { IMAGE_FORMATS } from '@millrace/core'
import { z } from 'zod'

const quality = (fallback: number, format: string) =>
  z
    .int()
    .min(1)
    .max(100)
    .default(fallback)
    .meta({ env: `IMAGE_OPTIMIZATION_QUALITY_${format.toUpperCase()}`, title: `${format} quality` })

const megabytes = (count: number): number => count * 1_048_576

export const assetsConfig = z.strictObject({
  enabled: z
    .boolean()
    .default(true)
    .meta({ env: 'IMAGE_OPTIMIZATION_ENABLED', title: 'Optimise images' })
    .describe('Off: the image server passes originals on unchanged.'),
  formats: z
    .array(z.enum(IMAGE_FORMATS))
    .min(1)
    .default(['webp', 'avif', 'jpeg', 'png'])
    .meta({ env: 'IMAGE_OPTIMIZATION_FORMATS', title: 'Formats' })
    .describe('What may be produced; which one a visitor gets is negotiated.'),
  quality: z
    .strictObject({
      webp: quality(80, 'WebP'),
      avif: quality(75, 'AVIF'),
      jpeg: quality(85, 'JPEG'),
      png: quality(90, 'PNG').describe('Below 100 colours are reduced; 100 is lossless.'),
    })
    .prefault({}),
  maxWidth: z
    .int()
    .min(16)
    .max(16_383)
    .default(1_920)
    .meta({ env: 'IMAGE_OPTIMIZATION_MAX_WIDTH', title: 'Largest width' }),
  maxHeight: z
    .int()
    .min(16)
    .max(16_383)
    .default(1_080)
    .meta({ env: 'IMAGE_OPTIMIZATION_MAX_HEIGHT', title: 'Largest height' }),
  widths: z
    .array(z.int().min(1).max(16_383))
    .min(1)
    .max(64)
    .default([16, 32, 64, 128, 150, 256, 384, 400, 640, 750, 800, 828, 1_080, 1_200, 1_600, 1_920])
    .meta({ env: 'IMAGE_OPTIMIZATION_WIDTHS', title: 'Widths' })
    .describe('A requested width is rounded up to one of these, which bounds the variants of a picture.'),
  avifEffort: z
    .int()
    .min(0)
    .max(9)
    .default(2)
    .meta({ title: 'AVIF effort' })
    .describe('CPU time per picture of 800 pixels width: 2 about 0.2 s, 3 0.3 s, 4 1.1 s.'),
  lazyLoading: z
    .boolean()
    .default(true)
    .meta({ env: 'IMAGE_OPTIMIZATION_LAZY_LOADING', title: 'Lazy loading' })
    .describe('Whether the markup that `responsive` returns says loading="lazy".'),
  placeholders: z
    .boolean()
    .default(true)
    .meta({ env: 'IMAGE_OPTIMIZATION_PLACEHOLDERS', title: 'Placeholders' })
    .describe('Whether `responsive` returns a tiny blurred picture as a data: address.'),
  origin: z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta({ env: 'MILLRACE_ASSETS_ORIGIN', title: 'Origin' })
    .describe('Where paths are fetched. Default: the gateway, through which they are public anyway.'),
  allowHosts: z
    .array(z.string().min(1))
    .default([])
    .meta({ env: 'MILLRACE_ASSETS_ALLOW_HOSTS', title: 'Hosts of absolute addresses' })
    .describe('`cdn.example.com`, `*.example.com`. Default: none, only paths are accepted.'),
  privateHosts: z
    .array(z.string().min(1))
    .default([])
    .describe('Those of them that may have a private address: `media.internal:9000`.'),
  sourceTtlMs: z
    .int()
    .min(0)
    .default(300_000)
    .meta({ title: 'Freshness of sources (ms)' })
    .describe('How long a source counts as unchanged where its server says nothing; then it is asked again.'),
  browserMaxAgeS: z
    .int()
    .min(0)
    .max(31_536_000)
    .default(3_600)
    .meta({ title: 'Browser cache (s)' })
    .describe(
      'At most, for addresses without a version `v`; a source may say less. Those with one are kept a year.',
    ),
  limits: z
    .strictObject({
      sourceBytes: z.int().min(1_024).default(megabytes(25)).meta({ title: 'Source (bytes)' }),
      pixels: z
        .int()
        .min(1_000)
        .max(268_402_689)
        .default(50_000_000)
        .describe('Of a source, over all frames; AVIF sources half of it.'),
      fetchTimeoutMs: z.int().min(100).default(10_000).meta({ title: 'Fetching a source (ms)' }),
      encodeTimeoutMs: z
        .int()
        .min(1_000)
        .default(10_000)
        .meta({ title: 'Encoding an image (ms)' })
        .describe('Counted in whole seconds.'),
      concurrency: z
        .int()
        .min(1)
        .max(64)
        .optional()
        .describe('Images encoded at once. Default: one per CPU.'),
      queued: z.int().min(0).default(128).describe('Images that may wait; more are answered 503.'),
      queueMs: z.int().min(1).default(10_000).describe('Longest wait; then 503.'),
    })
    .prefault({}),
  store: z
    .strictObject({
      diskBytes: z
        .int()
        .min(megabytes(1))
        .default(megabytes(1_024))
        .meta({ env: 'MILLRACE_ASSETS_DISK_BYTES', title: 'Results on disk (bytes)' }),
      memoryBytes: z
        .int()
        .min(megabytes(1))
        .default(megabytes(32))
        .meta({ title: 'Results in memory (bytes)' }),
      sourceMemoryBytes: z
        .int()
        .min(megabytes(1))
        .default(megabytes(64))
        .meta({ title: 'Sources in memory (bytes)' })
        .describe('So that the second width of a picture needs no second fetch.'),
      shared: z
        .boolean()
        .default(false)
        .meta({ env: 'MILLRACE_ASSETS_SHARED', title: 'Share results over Redis' })
        .describe(
          'With other machines, where a Redis is configured; up to 1 MiB each. Off, because the image process decodes files of strangers: on, it is told how Redis is entered.',
        ),
    })
    .prefault({}),
})

export type AssetsConfig = z.output<typeof assetsConfig>

declare module '@millrace/core' {
  interface CapabilityConfigs {
    assets?: z.input<typeof assetsConfig>
  }
}
