import type { PictureView } from '../data/types.ts'

/** The widths that the optimiser makes; others are rounded up to one of these. */
const WIDTHS = [128, 256, 384, 640, 828, 1080, 1600, 1920]

/** Nothing comes out taller than this, so a tall picture cannot be had in every width. */
const MAX_HEIGHT = 1_080

/** The widths in which a picture exists, of which the browser chooses one. */
export function widthsOf({ width, height }: { width: number; height: number }): number[] {
  const widest = Math.min(width, Math.floor((MAX_HEIGHT * width) / height))
  return WIDTHS.filter((candidate) => candidate <= widest)
}

/** Millrace's image optimiser: resizes, and answers AVIF, WebP or JPEG by what the browser accepts. */
export const optimizedUrl = (src: string, width: number): string =>
  `/_millrace/image?src=${encodeURIComponent(src)}&w=${width}`

interface PictureProps {
  picture: PictureView
  /** How wide the picture is shown, as in the `sizes` attribute. */
  sizes: string
  /** In view when the page opens: loaded at once instead of when it comes near. */
  eager?: boolean
  /** Beside a text that says the same. */
  decorative?: boolean
  className?: string
}

/** `width` and `height` reserve the space, so that nothing moves when the picture arrives. */
export function Picture({ picture, sizes, eager = false, decorative = false, className }: PictureProps) {
  const { src, width, height, alt } = picture
  const widths = widthsOf(picture)
  return (
    <img
      className={className}
      src={optimizedUrl(src, 828)}
      srcSet={widths.map((candidate) => `${optimizedUrl(src, candidate)} ${candidate}w`).join(', ')}
      sizes={sizes}
      width={width}
      height={height}
      alt={decorative ? '' : alt}
      loading={eager ? 'eager' : 'lazy'}
      fetchPriority={eager ? 'high' : 'auto'}
      decoding="async"
    />
  )
}
