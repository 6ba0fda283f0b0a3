import { listMembers } from './fields.ts'

const KEY = String.raw`[a-z*][a-z0-9_.*-]*`
const NUMBER = String.raw`-?\d{1,15}(?:\.\d{1,3})?`
const STRING = String.raw`"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*"`
const TOKEN = String.raw`[A-Za-z*][\w!#$%&'*+.^\x60|~:/-]*`
const ITEM = String.raw`(?:${NUMBER}|${STRING}|${TOKEN}|\?[01]|:[A-Za-z0-9+/=]*:)`
const PARAMETERS = String.raw`(?:; *${KEY}(?:=${ITEM})?)*`
const MEMBER = new RegExp(`^(${KEY})(?:=(${ITEM}))?${PARAMETERS}$`)
const INTEGER = /^-?\d{1,15}$/

/**
 * A dictionary of structured fields (RFC 9651, section 3.2) with integers, booleans and, as texts in their written
 * form, other items; no inner lists, which no cache directive has. Undefined when any part of it is malformed.
 */
export function parseDictionary(text: string): Map<string, number | boolean | string> | undefined {
  const members = new Map<string, number | boolean | string>()
  for (const member of listMembers(text)) {
    const parts = MEMBER.exec(member)
    if (parts === null) return undefined
    members.set(parts[1]!, bareItem(parts[2]))
  }
  return members
}

function bareItem(text: string | undefined): number | boolean | string {
  if (text === undefined || text === '?1') return true
  if (text === '?0') return false
  return INTEGER.test(text) ? Number(text) : text
}
