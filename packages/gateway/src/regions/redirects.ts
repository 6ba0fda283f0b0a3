import type { VisitorRequest } from '../proxy/visitor.ts'

/** In the address of a page that a visitor was sent to: it is not sent on, whatever the other region knows. */
const SENT_FROM = 'millrace-region'

/** A page that somebody opens, rather than something a page asks for: only its address changes when it is elsewhere. */
export function isNavigation({ method, headers }: Pick<VisitorRequest, 'method' | 'headers'>): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false
  const mode = headers['sec-fetch-mode']
  return mode === undefined ? headers.accept?.includes('text/html') === true : mode === 'navigate'
}

/** Where the visitor should go; undefined: it was sent here by another region. */
export function redirectTarget(origin: string, path: string, self: string): string | undefined {
  const query = path.indexOf('?')
  if (query >= 0 && new URLSearchParams(path.slice(query)).has(SENT_FROM)) return undefined
  return `${origin}${path}${query < 0 ? '?' : '&'}${SENT_FROM}=${self}`
}

/** No cache may keep where a visitor was sent for the moment. */
export const redirectHeaders = (location: string): string[] => [
  'location',
  location,
  'cache-control',
  'no-store',
  'content-length',
  '0',
]
