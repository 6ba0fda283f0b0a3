import { defineErrors } from '@millrace/core'

export const assetsErrors = defineErrors('ASSETS', {
  PARAMETER_INVALID: {
    status: 400,
    title: 'Invalid parameter',
    message: (d: { field: string; value: string; accepted: string }) =>
      `'${d.field}' is '${d.value}'; accepted: ${d.accepted}.`,
  },
  SOURCE_FORBIDDEN: {
    status: 403,
    title: 'Source not allowed',
    message: (d: { src: string; reason: string }) => `'${d.src}' is not served: ${d.reason}.`,
  },
  SOURCE_NOT_FOUND: {
    status: 404,
    title: 'Source not found',
    message: (d: { src: string; status: number }) => `The origin answered ${d.status} for '${d.src}'.`,
  },
  SOURCE_TOO_LARGE: {
    status: 413,
    title: 'Source too large',
    message: (d: { src: string; maxBytes: number }) => `'${d.src}' has more than ${d.maxBytes} bytes.`,
  },
  TOO_MANY_PIXELS: {
    status: 413,
    title: 'Too many pixels',
    message: (d: { width: number; height: number; pages: number; maxPixels: number }) =>
      `The image has ${d.width} × ${d.height} pixels${d.pages > 1 ? ` in ${d.pages} frames` : ''}; at most ${d.maxPixels} are decoded.`,
  },
  SVG_REFUSED: {
    status: 415,
    title: 'SVG is not optimised',
    message: () =>
      'SVG is a document that may carry scripts and references; it is not rendered here. Serve it as it is.',
  },
  FORMAT_UNSUPPORTED: {
    status: 415,
    title: 'Image format not supported',
    message: (d: { format: string }) =>
      `${d.format} cannot be read; accepted are JPEG, PNG, WebP, AVIF and GIF.`,
  },
  NOT_AN_IMAGE: {
    status: 422,
    title: 'Not an image',
    message: (d: { contentType?: string }) =>
      `The bytes are those of no image format${d.contentType === undefined ? '' : `, though labelled ${d.contentType}`}.`,
  },
  IMAGE_CORRUPT: {
    status: 422,
    title: 'Image is damaged',
    message: (d: { reason: string }) => `The image cannot be decoded: ${d.reason}`,
  },
  ANIMATION_UNSUPPORTED: {
    status: 406,
    title: 'Animation needs WebP',
    message: (d: { format: string }) =>
      `The image is animated, which ${d.format} output would lose; ask for webp.`,
  },
  PROCESSING_TIMEOUT: {
    status: 503,
    title: 'Image took too long',
    message: (d: { timeoutMs: number }) => `The image was not encoded within ${d.timeoutMs} ms.`,
    expose: true,
  },
  BUSY: {
    status: 503,
    title: 'Too many images at once',
    message: (d: { queued: number; retryAfterS: number }) =>
      `${d.queued} images are waiting already; try again in ${d.retryAfterS} s.`,
    expose: true,
  },
  SOURCE_FAILED: {
    status: 502,
    title: 'Source cannot be fetched',
    message: (d: { src: string; reason: string }) => `'${d.src}' cannot be fetched: ${d.reason}`,
    expose: true,
  },
  LOOP: {
    status: 508,
    title: 'Loop',
    message: () => 'The request comes from the image server itself.',
    expose: true,
  },
  DISABLED: {
    status: 503,
    title: 'Image optimisation is off',
    message: () => 'Image optimisation is switched off (assets.enabled, IMAGE_OPTIMIZATION_ENABLED).',
    expose: true,
  },
  OPTION_INVALID: {
    status: 400,
    title: 'Invalid option',
    message: (d: { field: string; value: unknown; accepted: string }) =>
      `${d.field} is ${String(d.value)}; accepted: ${d.accepted}.`,
  },
})
