import { defineAction, IMAGE_FORMATS, toProblem, type ImageFormat, type ImageRequest } from '@millrace/core'
import { z } from 'zod'
import { imageUrl } from './images/url.ts'
import type { ImageAnswer } from './platform/image-client.ts'
import { responsiveSet, responsiveSetSchema } from './platform/responsive.ts'
import type { AssetsService } from './service.ts'

const MAX_BATCH = 20

const side = z.int().min(1).max(16_383)
const src = z.string().min(1).max(2_048).describe('A path below the application, or an allowed address.')
const options = {
  width: side.optional().describe('Rounded up to a configured width.'),
  height: side.optional(),
  quality: z.int().min(1).max(100).optional().describe('Default: the format’s.'),
  format: z
    .enum(['auto', ...IMAGE_FORMATS])
    .default('auto')
    .describe('auto: the best the client takes.'),
  fit: z.enum(['inside', 'cover']).default('inside').describe('cover: cropped to width and height.'),
}

const optimized = z.object({
  src: z.string(),
  url: z.string(),
  format: z.enum(IMAGE_FORMATS),
  width: z.number(),
  height: z.number(),
  bytes: z.number(),
  originalBytes: z.number(),
  /** Share of the original's bytes that is saved; negative when it grew. */
  saved: z.number(),
})

const failed = z.object({
  src: z.string(),
  error: z.object({ code: z.string(), title: z.string(), detail: z.string(), status: z.number() }),
})

type Wanted = { src: string; format: ImageFormat | 'auto' } & Omit<ImageRequest, 'format' | 'accept'>

async function optimizeOne(
  service: AssetsService,
  { src, format, ...rest }: Wanted,
  signal: AbortSignal,
): Promise<z.input<typeof optimized>> {
  const request = { ...rest, ...(format === 'auto' ? {} : { format }) }
  const image = await service.optimize(src, request, signal)
  return describe(src, image, request)
}

const describe = (
  src: string,
  image: ImageAnswer,
  request: Omit<ImageRequest, 'accept'>,
): z.input<typeof optimized> => ({
  src,
  url: imageUrl(src, { ...request, version: image.etag.slice(0, 8) }),
  format: image.format,
  width: image.width,
  height: image.height,
  bytes: image.data.byteLength,
  originalBytes: image.originalBytes,
  saved: 1 - image.data.byteLength / image.originalBytes,
})

export const assetsActions = {
  optimize: defineAction({
    title: 'Optimise images',
    description: 'Optimises one picture, or up to 20, and says where each is served and what was saved.',
    effect: 'read',
    anonymous: true,
    input: z
      .strictObject({
        ...options,
        src: src.optional(),
        images: z
          .array(z.strictObject({ src, options: z.strictObject(options).prefault({}) }))
          .min(1)
          .max(MAX_BATCH)
          .optional()
          .describe('A batch, instead of `src`.'),
      })
      .refine((input) => (input.src === undefined) !== (input.images === undefined), {
        message: 'give exactly one of `src` and `images`',
      }),
    output: z.union([optimized, z.object({ images: z.array(z.union([optimized, failed])) })]),
    run: async (service: AssetsService, { images, src, ...rest }, context) => {
      const { signal } = context
      if (images === undefined) return optimizeOne(service, { src: src ?? '', ...rest }, signal)
      const results: z.input<z.ZodUnion<[typeof optimized, typeof failed]>>[] = []
      for (const image of images) {
        // One that fails does not stop the others.
        const result = await optimizeOne(service, { src: image.src, ...image.options }, signal).catch(
          (error: unknown) => describeFailure(image.src, error, signal),
        )
        results.push(result)
        context.progress(results.length / images.length, image.src)
      }
      return { images: results }
    },
  }),
  responsive: defineAction({
    title: 'Responsive set',
    description:
      'Optimises a picture at every configured width up to a limit and returns srcset, sizes and markup.',
    effect: 'read',
    anonymous: true,
    input: z.strictObject({
      src,
      maxWidth: side.optional().describe('Default: the largest configured width.'),
      aspectRatio: z
        .string()
        .regex(/^\d{1,5}(\.\d{1,3})?[/:]\d{1,5}(\.\d{1,3})?$/, 'such as 16/9')
        .optional()
        .describe('Crops: 16/9. Default: the picture’s own.'),
      sizes: z.string().max(500).default('100vw').describe('The `sizes` attribute: how wide it is shown.'),
      alt: z.string().max(1_000).default(''),
      quality: options.quality,
      format: options.format,
    }),
    output: responsiveSetSchema,
    run: async (service: AssetsService, input, context) => responsiveSet(service, input, context),
  }),
}

function describeFailure(src: string, error: unknown, signal: AbortSignal): z.input<typeof failed> {
  signal.throwIfAborted()
  const { code, title, detail, status } = toProblem(error)
  return { src, error: { code, title, detail, status } }
}
