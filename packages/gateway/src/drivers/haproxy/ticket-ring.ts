import { createTicketKeys, TICKET_ROTATION_MS } from '../../tls/ticket-keys.ts'

/** HAProxy's build option TLS_TICKETS_NO: the last but one encrypts, all decrypt. */
const KEYS = 3

/** So that none is good for longer than the engine `node` keeps one. */
export const RING_ROTATION_MS = TICKET_ROTATION_MS / KEYS

/** What tickets of TLS sessions are encrypted with, over reloads and crashes of HAProxy; never on a disk for longer than it runs. */
export class TicketRing {
  #keys = Array.from({ length: KEYS }, () => createTicketKeys().toString('base64'))

  /** One key per line, as `tls-ticket-keys` reads them. */
  get text(): string {
    return `${this.#keys.join('\n')}\n`
  }

  /** The command by which HAProxy takes a new key and forgets the oldest (management guide, `set ssl tls-key`). */
  rotate(file: string): string {
    const next = createTicketKeys().toString('base64')
    this.#keys = [...this.#keys.slice(1), next]
    return `set ssl tls-key ${file} ${next}`
  }
}
