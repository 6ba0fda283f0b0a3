import { randomBytes } from 'node:crypto'

/** What tickets of former sessions are encrypted with: a name, an HMAC key and an AES key. */
const TICKET_KEY_BYTES = 48

/** A ticket is worth nothing after it: whoever gets hold of a key can read no more than the sessions of this time. */
export const TICKET_ROTATION_MS = 12 * 3_600_000

export const createTicketKeys = (): Buffer => randomBytes(TICKET_KEY_BYTES)
