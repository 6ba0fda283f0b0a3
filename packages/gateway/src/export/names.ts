import { createHash } from 'node:crypto'

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8)

/**
 * Names that another system takes, made of ours: what is not allowed becomes a hyphen, and where something was lost, or
 * the name is taken already in another case, a hash of the whole keeps different names different. The same name always
 * becomes the same, whatever else there is.
 */
export function safeName(name: string, prefix: string, maxLength: number): string {
  const clean = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
  const whole = `${prefix}${clean}`
  // A clean name that looks like one with a hash gets one as well, so that it is never another's.
  const kept = clean === name && clean !== '' && whole.length <= maxLength && !/-[\da-f]{8}$/.test(clean)
  if (kept) return whole
  const head = whole.slice(0, maxLength - 9).replace(/-+$/, '')
  return `${head}-${hashOf(name)}`
}

/** A DNS label of Kubernetes (RFC 1123): at most 63 letters, digits and hyphens, beginning with a letter. */
export const dnsLabel = (name: string, prefix = 'millrace-'): string => safeName(name, prefix, 63)

/** Of a target group at AWS: at most 32, and never beginning with `internal-`. */
export const targetGroupName = (name: string): string => safeName(name, 'mr-', 32)

/** For CloudFormation: letters and digits only. */
export const logicalId = (kind: string, name: string): string =>
  `${kind}${createHash('sha256').update(name).digest('hex').slice(0, 16)}`
