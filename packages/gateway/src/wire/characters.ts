/** Which bytes may stand where in a message (RFC 9110, 5.6.2 and 5.5; RFC 9112, 3), one table per rule. */

const table = (allowed: (byte: number) => boolean): Uint8Array =>
  Uint8Array.from({ length: 256 }, (_, byte) => (allowed(byte) ? 1 : 0))

const among = (characters: string): ((byte: number) => boolean) => {
  const codes = new Set(Array.from(characters, (character) => character.charCodeAt(0)))
  return (byte) => codes.has(byte)
}
const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
const DIGITS = '0123456789'

/** Methods and names of fields. */
export const TOKEN: Uint8Array = table(among(`!#$%&'*+-.^_\`|~${DIGITS}${LETTERS}`))

/** Values of fields and reasons of status lines: tab, space, visible characters, and the bytes above ASCII. */
export const VALUE: Uint8Array = table((byte) => byte === 9 || (byte >= 32 && byte !== 127))

/** Request targets: visible characters of ASCII. */
export const TARGET: Uint8Array = table((byte) => byte > 32 && byte < 127)

/** The host and port of an absolute target: a name, an address in brackets, and nothing that could be a user. */
export const AUTHORITY: Uint8Array = table(among(`-_.~!'()*%;&=+$,:[]${DIGITS}${LETTERS}`))

/** What a hexadecimal digit is worth; 255 for every other byte. */
export const HEX: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => {
  const digit = Number.parseInt(String.fromCharCode(byte), 16)
  return Number.isNaN(digit) ? 255 : digit
})

export const TAB = 9
export const LF = 10
export const CR = 13
export const SPACE = 32
export const QUOTE = 34
export const ASTERISK = 42
export const SLASH = 47
export const ZERO = 48
export const COLON = 58
export const SEMICOLON = 59
export const EQUALS = 61
export const QUESTION = 63
export const BACKSLASH = 92

/** Bytes as text, one character each: what a field says is bytes, whatever they were meant to spell. */
export const latin1 = (bytes: Buffer, from: number, to: number): string => bytes.toString('latin1', from, to)
