import { gatewayErrors } from '../../errors.ts'

// Everything that ends a line or a word somewhere: HAProxy reads its file line by line, whatever the quotes say.
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/

/**
 * A value as one word of HAProxy's configuration, whatever it contains: within strong quotes nothing is special but the
 * quote itself (configuration manual, section 2.2). Throws GATEWAY_HAPROXY_VALUE_INVALID for control characters, which no
 * quoting carries.
 */
export function quote(value: string, field: string): string {
  if (CONTROL.test(value)) throw gatewayErrors.HAPROXY_VALUE_INVALID({ field })
  return /^[\w.:/@-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`
}

/** A name as HAProxy allows it for sections and servers; different names never become the same. */
export function encodeName(name: string): string {
  const bytes = Buffer.from(name, 'utf8')
  let encoded = ''
  for (const byte of bytes) {
    const character = String.fromCharCode(byte)
    encoded += /[A-Za-z0-9.-]/.test(character) ? character : `_${byte.toString(16).padStart(2, '0')}`
  }
  return encoded
}

/** The opposite of `encodeName`. */
export const decodeName = (encoded: string): string =>
  Buffer.from(
    encoded.replace(/_([\da-f]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString('utf8')

/** Sections of pools begin so, and nothing else does. */
export const poolSection = (name: string): string => `pool.${encodeName(name)}`
export const serverName = (id: string): string => `b.${encodeName(id)}`

/** The name that a section or server with this prefix stands for. */
export const nameWithout = (prefix: string, value: string | undefined): string | undefined =>
  value?.startsWith(prefix) === true ? decodeName(value.slice(prefix.length)) : undefined
