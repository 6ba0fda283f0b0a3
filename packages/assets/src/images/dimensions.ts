export interface Size {
  width: number
  height: number
}

export interface SizeRequest {
  width?: number | undefined
  height?: number | undefined
  fit?: 'inside' | 'cover' | undefined
}

export interface SizeLimits {
  /** Ascending. Requested widths are rounded up to one of these, which bounds the variants of one source. */
  widths: readonly number[]
  maxWidth: number
  maxHeight: number
}

/** Heights are rounded up to a multiple of this, for the same reason. */
const HEIGHT_STEP = 8

/** The smallest width of the ladder that is wide enough; the largest when none is. */
export function snapWidth(width: number, limits: SizeLimits): number {
  const allowed = limits.widths.filter((step) => step <= limits.maxWidth)
  return Math.min(limits.maxWidth, allowed.find((step) => step >= width) ?? limits.maxWidth)
}

export const snapHeight = (height: number, limits: SizeLimits): number =>
  Math.min(limits.maxHeight, Math.ceil(height / HEIGHT_STEP) * HEIGHT_STEP)

/** The box that a request stands for, normalised: two requests with one result have one key. */
export interface Box extends Size {
  fit: 'inside' | 'cover'
}

export function requestedBox(request: SizeRequest, limits: SizeLimits): Box {
  const width = request.width === undefined ? undefined : snapWidth(request.width, limits)
  const height = request.height === undefined ? undefined : snapHeight(request.height, limits)
  // Cropping needs both sides; with one, or none, the picture keeps its shape.
  const fit = request.fit === 'cover' && width !== undefined && height !== undefined ? 'cover' : 'inside'
  return { width: width ?? limits.maxWidth, height: height ?? limits.maxHeight, fit }
}

/**
 * The size of the result: inside the box, or filling it, and never larger than the source. A crop of a source that
 * is too small keeps the shape of the box.
 */
export function resultSize(source: Size, box: Box): Size {
  if (box.fit === 'cover') {
    const scale = Math.min(1, source.width / box.width, source.height / box.height)
    return { width: atLeastOne(box.width * scale), height: atLeastOne(box.height * scale) }
  }
  const scale = Math.min(1, box.width / source.width, box.height / source.height)
  return { width: atLeastOne(source.width * scale), height: atLeastOne(source.height * scale) }
}

const atLeastOne = (value: number): number => Math.max(1, Math.round(value))
