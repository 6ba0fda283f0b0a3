import { shortened } from '../soft-tags.ts'

/** Tags by which an address is purged. Surrogate keys stand as they are. */
export const addressTags = (site: string, target: string): readonly string[] => [
  urlTag(`${site}${target}`),
  pathTag(target),
]

/** Of one address, absolute. */
export const urlTag = (url: string): string => `url ${shortened(url)}`

/** Of a path and query on every host. */
export const pathTag = (target: string): string => `path ${shortened(target)}`
