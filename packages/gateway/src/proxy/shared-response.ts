/** What a cache anywhere on the way may keep, and give to others with a cookie in it (RFC 9111, 3). */
const SHARED = /\b(?:public|s-maxage|max-age=0*[1-9])/i
const NOT_SHARED = /\b(?:private|no-store)\b/i

/** Whether shared caches may keep a response with these raw headers: then it is no place for one visitor's cookie. */
export function isShared(raw: readonly string[]): boolean {
  for (let i = 0; i < raw.length; i += 2) {
    if (raw[i]!.toLowerCase() !== 'cache-control') continue
    if (SHARED.test(raw[i + 1]!) && !NOT_SHARED.test(raw[i + 1]!)) return true
  }
  return false
}
