/** Beyond this difference the browser's clock is wrong rather than the header's resolution (1 s) and the way. */
const TOLERANCE_MS = 3_000

let offsetMs = 0

/** Learns the server's clock from a `Date` header; ranges are asked in its time, whatever this machine believes. */
export function noteServerTime(header: string | null, localNow: number): void {
  if (header === null) return
  const server = Date.parse(header)
  if (!Number.isFinite(server)) return
  const difference = server - localNow
  offsetMs = Math.abs(difference) > TOLERANCE_MS ? difference : 0
}

/** Milliseconds since the epoch on the server. */
export const serverNow = (): number => Date.now() + offsetMs
