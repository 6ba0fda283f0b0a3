import type { PictureView } from '../data/types.ts'

/** Widths that are asked for; a picture is never requested wider than it is. */
const WIDTHS = [160, 320, 480, 640, 960, 1280, 1920]

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
  const widths = WIDTHS.filter((candidate) => candidate <= width)
  return (
    <img
      className={className}
      src={optimizedUrl(src, Math.min(width, 960))}
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
