import { field, listMembers, type Fields } from './fields.ts'

/** A response that depends on more of the request than this is not worth storing, and its keys would be long. */
export const MAX_VARY_NAMES = 32

/**
 * The request fields that a response depends on, in lower case and sorted; undefined when it depends on more than
 * can be said, by `*` (RFC 9111, section 4.1), or on more than is kept apart.
 */
export function varyNames(fields: Fields): readonly string[] | undefined {
  const text = field(fields, 'vary')
  if (text === undefined) return NONE
  const names = new Set<string>()
  for (const member of listMembers(text)) {
    if (member === '*') return undefined
    names.add(member.toLowerCase())
  }
  return names.size > MAX_VARY_NAMES ? undefined : [...names].sort()
}

const NONE: readonly string[] = []

/**
 * What a request has in the fields that choose between variants, as one text that no two different choices share. White
 * space and case do not count where the field's own definition says so; any other field counts as it is.
 */
export function variantOf(names: readonly string[], fields: Fields): string {
  return JSON.stringify(names.map((name) => normalised(name, field(fields, name))))
}

function normalised(name: string, value: string | undefined): string | null {
  if (value === undefined) return null
  switch (name) {
    case 'accept-encoding':
      // A set of codings with weights: their order says nothing (RFC 9110, section 12.5.3).
      return listMembers(tight(value)).sort().join()
    case 'accept-language':
    case 'accept-charset':
      // Their order does: many an application takes the first.
      return listMembers(tight(value)).join()
    default:
      return value.trim()
  }
}

const tight = (value: string): string => value.toLowerCase().replaceAll(/[\t ]+/g, '')
