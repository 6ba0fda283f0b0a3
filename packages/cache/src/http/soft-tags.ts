import { createHash } from 'node:crypto'

/** Beyond what a tag may be long. */
const MAX_PLAIN = 200

/** What is invalidated when a tag is only to make responses stale, not to remove them. */
export const softTag = (tag: string): string => `soft ${shortened(tag)}`

/** Everything, softly. */
export const SOFT_ALL = 'soft *'

/** A text of any length as part of a tag. */
export const shortened = (text: string): string =>
  text.length <= MAX_PLAIN ? text : createHash('sha256').update(text).digest('base64url')
