const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const IMF = /^(?:mon|tue|wed|thu|fri|sat|sun), (\d\d) ([a-z]{3}) (\d{4}) (\d\d):(\d\d):(\d\d) gmt$/
const RFC850 =
  /^(?:mon|tues|wednes|thurs|fri|satur|sun)day, (\d\d)-([a-z]{3})-(\d\d) (\d\d):(\d\d):(\d\d) gmt$/
const ASCTIME = /^(?:mon|tue|wed|thu|fri|sat|sun) ([a-z]{3}) ([ \d]\d) (\d\d):(\d\d):(\d\d) (\d{4})$/

/**
 * An HTTP date in any of its three forms (RFC 9110, section 5.6.7), in milliseconds since the epoch; undefined for
 * anything else, however well `Date` could read it: what is no date must count as expired. `now` places the two digits
 * of a year.
 */
export function parseHttpDate(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined
  const lower = text.trim().toLowerCase()
  const imf = IMF.exec(lower)
  if (imf !== null) return time(imf[3]!, imf[2]!, imf[1]!, imf.slice(4))
  const old = RFC850.exec(lower)
  if (old !== null) return time(String(fullYear(Number(old[3]), now)), old[2]!, old[1]!, old.slice(4))
  const c = ASCTIME.exec(lower)
  return c === null ? undefined : time(c[6]!, c[1]!, c[2]!, c.slice(3, 6))
}

function time(year: string, month: string, day: string, clock: readonly string[]): number | undefined {
  const at = MONTHS.indexOf(month)
  const [hours, minutes, seconds] = clock.map(Number) as [number, number, number]
  if (at < 0 || hours > 23 || minutes > 59 || seconds > 60) return undefined
  const date = new Date(Date.UTC(Number(year), at, Number(day), hours, minutes, seconds))
  return date.getUTCMonth() === at ? date.getTime() : undefined
}

/** More than 50 years ahead means the century before. */
function fullYear(twoDigits: number, now: number): number {
  const current = new Date(now).getUTCFullYear()
  const year = current - (current % 100) + twoDigits
  return year > current + 50 ? year - 100 : year
}
