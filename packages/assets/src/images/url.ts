import type { ImageRequest } from '@millrace/core'

export const IMAGE_PATH = '/_millrace/image'

/** The address of a picture at the image server; without `format` it is negotiated by the browser's `Accept`. */
export function imageUrl(
  src: string,
  request: Omit<ImageRequest, 'accept'> & { version?: string } = {},
): string {
  const query = new URLSearchParams({ src })
  if (request.width !== undefined) query.set('w', String(request.width))
  if (request.height !== undefined) query.set('h', String(request.height))
  if (request.fit === 'cover') query.set('fit', 'cover')
  if (request.quality !== undefined) query.set('q', String(request.quality))
  if (request.format !== undefined) query.set('format', request.format)
  if (request.version !== undefined) query.set('v', request.version)
  return `${IMAGE_PATH}?${query.toString().replaceAll('%2F', '/')}`
}
