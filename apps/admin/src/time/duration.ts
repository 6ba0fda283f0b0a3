const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const

/** Shortest and longest range the panel asks for: below 10 s there is less than a handful of samples. */
export const MIN_SPAN_MS = 10_000
export const MAX_SPAN_MS = 400 * 86_400_000

/** `15m`, `90s`, `1h30m` → milliseconds; undefined for anything else or outside MIN_SPAN_MS … MAX_SPAN_MS. */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d{1,6}[dhms])+$/.test(text)) return undefined
  let total = 0
  for (const [, amount, unit] of text.matchAll(/(\d+)([dhms])/g)) {
    total += Number(amount) * UNITS.find(([name]) => name === unit)![1]
  }
  return total >= MIN_SPAN_MS && total <= MAX_SPAN_MS ? total : undefined
}

/** Milliseconds → the shortest text that `parseDuration` reads back, rounded to whole seconds: `1h30m`. */
export function formatDuration(ms: number): string {
  let rest = Math.round(ms / 1_000) * 1_000
  let text = ''
  for (const [name, size] of UNITS) {
    const amount = Math.floor(rest / size)
    if (amount > 0) text += `${amount}${name}`
    rest -= amount * size
  }
  return text === '' ? '0s' : text
}

const WORDS = { d: 'day', h: 'hour', m: 'minute', s: 'second' } as const

/** `15m` → `15 minutes`; compound spans keep the short form: `1h30m`. */
export function describeDuration(ms: number): string {
  const short = formatDuration(ms)
  const single = /^(\d+)([dhms])$/.exec(short)
  if (single === null) return short
  const amount = Number(single[1])
  const word = WORDS[single[2] as keyof typeof WORDS]
  return `${amount} ${word}${amount === 1 ? '' : 's'}`
}

/** How long ago something was, in the one unit that matters: `4 s`, `12 min`, `3 h`, `5 d`. */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, ms) / 1_000
  if (seconds < 60) return `${Math.floor(seconds)} s`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h`
  return `${Math.floor(seconds / 86_400)} d`
}
