import { createHash } from 'node:crypto'

/** Beyond what a tag may be long. */
const MAX_PLAIN = 200

/** Tags by which an address is purged. Surrogate keys stand as they are; none of them contains a space. */
export const addressTags = (site: string, target: string): readonly string[] => [
  urlTag(`${site}${target}`),
  pathTag(target),
]

/** Of one address, absolute. */
export const urlTag = (url: string): string => `url ${short(url)}`

/** Of a path and query on every host. */
export const pathTag = (target: string): string => `path ${short(target)}`

const short = (text: string): string =>
  text.length <= MAX_PLAIN ? text : createHash('sha256').update(text).digest('base64url')

/** What is invalidated when a tag is only to count as stale. */
export const softTag = (tag: string): string => `soft ${short(tag)}`

/** Everything, softly. */
export const SOFT_ALL = 'soft *'
