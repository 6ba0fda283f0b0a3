const pad = (value: number, digits = 2): string => String(value).padStart(digits, '0')

/** Local wall time: `14:03:07`. */
export function formatTime(at: number): string {
  const date = new Date(at)
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`
}

/** Local date and time, sortable: `2026-11-20 14:03:07`. */
export function formatInstant(at: number): string {
  const date = new Date(at)
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())} ${formatTime(at)}`
}

/** Both ends, without repeating the day: `2026-11-20 14:03:07 – 14:18:07`. */
export function formatWindow(from: number, to: number): string {
  const start = formatInstant(from)
  const end = formatInstant(to)
  return start.slice(0, 10) === end.slice(0, 10) ? `${start} – ${end.slice(11)}` : `${start} – ${end}`
}

/** What `<input type="datetime-local" step="1">` takes. */
export const toLocalInput = (at: number): string => formatInstant(at).replace(' ', 'T')

/** The instant of a `datetime-local` value; undefined when it is incomplete. */
export function fromLocalInput(text: string): number | undefined {
  const at = new Date(text).getTime()
  return Number.isFinite(at) ? at : undefined
}
