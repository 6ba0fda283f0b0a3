const LOCALE = 'en-GB'

export const formatPrice = (cents: number, currency: string): string =>
  new Intl.NumberFormat(LOCALE, { style: 'currency', currency }).format(cents / 100)

export const formatCount = (count: number): string => new Intl.NumberFormat(LOCALE).format(count)

export const formatDate = (iso: string): string =>
  new Intl.DateTimeFormat(LOCALE, { dateStyle: 'long' }).format(new Date(iso))

const RELATIVE = new Intl.RelativeTimeFormat(LOCALE, { numeric: 'auto' })
const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
]

/** `3 weeks ago` */
export function formatAge(iso: string): string {
  const seconds = (Date.now() - new Date(iso).getTime()) / 1_000
  for (const [unit, size] of STEPS)
    if (seconds >= size) return RELATIVE.format(-Math.floor(seconds / size), unit)
  return 'just now'
}

/** `12:05` */
export function formatDuration(seconds: number): string {
  const minutes = Math.floor(seconds / 60)
  return `${minutes}:${String(seconds % 60).padStart(2, '0')}`
}

export const formatBytes = (bytes: number): string =>
  bytes < 1_000_000 ? `${Math.round(bytes / 1_000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`

/** `framed` → `Framed` */
export const capitalize = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** A product's title is its picture, then what it is printed as: `The Junk. Framed in oak, 30 × 40 cm`. */
export function splitTitle(title: string): { picture: string; variant: string } {
  const dot = title.lastIndexOf('. ')
  return dot < 0
    ? { picture: title, variant: '' }
    : { picture: title.slice(0, dot), variant: title.slice(dot + 2) }
}
