import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { getServers } from 'node:dns'
import { connect, isIPv6 } from 'node:net'
import { decode, encode, RECURSION_DESIRED, streamDecode, streamEncode } from 'dns-packet'
import type { DecodedPacket, Packet, RecordType } from 'dns-packet'

export interface DnsServer {
  host: string
  port: number
}

/** Servers are asked this often in turn before a question has failed. */
const ROUNDS = 2
/** What is announced as acceptable over UDP: no path splits it (DNS flag day 2020). */
const UDP_BYTES = 1_232
/** Another server may know more than one that answers so. */
const FINAL = new Set(['NOERROR', 'NXDOMAIN'])

/** `10.0.0.2`, `10.0.0.2:5353`, `[fd00::2]:53`, `fd00::2`. Undefined for what is none of these. */
export function parseServer(text: string): DnsServer | undefined {
  if (isIPv6(text)) return { host: text, port: 53 }
  const [, v6, v4, port = '53'] = /^(?:\[([\da-f:.%\w]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/i.exec(text) ?? []
  const host = v6 ?? v4
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) return undefined
  return { host, port: Number(port) }
}

/**
 * Asks DNS servers (RFC 1035), over TCP when an answer does not fit into a datagram. Node's own resolver does not tell the TTL
 * of SRV records.
 */
export class DnsClient {
  readonly #servers: readonly string[] | undefined
  readonly #timeoutMs: number

  /** `timeoutMs` for each server and round. */
  constructor(options: { servers?: readonly string[] | undefined; timeoutMs: number }) {
    this.#servers = options.servers
    this.#timeoutMs = options.timeoutMs
  }

  /** Resolves with an answer whose code is NOERROR or NXDOMAIN; rejects with what the last server did. */
  async query(name: string, type: RecordType, signal: AbortSignal): Promise<DecodedPacket> {
    // Read each time: the system's may change while this process runs.
    const servers = (this.#servers ?? getServers()).flatMap((text) => parseServer(text) ?? [])
    let failure = new Error('there is no DNS server to ask')
    for (let round = 0; round < ROUNDS; round++) {
      for (const server of servers) {
        signal.throwIfAborted()
        try {
          const answer = await this.#ask(server, name, type, signal)
          if (FINAL.has(codeOf(answer))) return answer
          failure = new Error(`${name}: the DNS server ${server.host} answered ${codeOf(answer)}`)
        } catch (error) {
          const reason = error instanceof Error ? error.message : String(error)
          failure = new Error(`${name}: the DNS server ${server.host}: ${reason}`, { cause: error })
        }
      }
    }
    signal.throwIfAborted()
    throw failure
  }

  async #ask(server: DnsServer, name: string, type: RecordType, outer: AbortSignal): Promise<DecodedPacket> {
    const question: Packet = {
      type: 'query',
      id: randomInt(65_536),
      flags: RECURSION_DESIRED,
      questions: [{ name, type, class: 'IN' }],
      additionals: [
        {
          type: 'OPT',
          name: '.',
          udpPayloadSize: UDP_BYTES,
          extendedRcode: 0,
          ednsVersion: 0,
          flags: 0,
          flag_do: false,
          options: [],
        },
      ],
    }
    const timeout = AbortSignal.timeout(this.#timeoutMs)
    const signal = AbortSignal.any([timeout, outer])
    try {
      const answer = await overUdp(server, question, signal)
      return answer.flag_tc ? await overTcp(server, question, signal) : answer
    } catch (error) {
      throw timeout.aborted ? new Error(`no answer within ${this.#timeoutMs} ms`, { cause: error }) : error
    }
  }
}

export const codeOf = (packet: DecodedPacket): string => (packet as { rcode?: string }).rcode ?? 'NOERROR'

function overUdp(server: DnsServer, question: Packet, signal: AbortSignal): Promise<DecodedPacket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIPv6(server.host) ? 'udp6' : 'udp4')
    let finished = false
    const finish = (settle: () => void): void => {
      if (finished) return
      finished = true
      signal.removeEventListener('abort', onAbort)
      socket.close()
      settle()
    }
    const onAbort = (): void => finish(() => reject(signal.reason as Error))
    signal.addEventListener('abort', onAbort, { once: true })
    socket.on('error', (error) => finish(() => reject(error)))
    socket.on('message', (message) => {
      const answer = decodeSafely(() => decode(message))
      // Whatever else arrives here was sent by somebody who guesses.
      if (answer !== undefined && belongs(answer, question)) finish(() => resolve(answer))
    })
    // A connected socket takes messages of this server only, and hears when nobody listens there.
    socket.connect(server.port, server.host, (error?: Error) => {
      if (error !== undefined) finish(() => reject(error))
      else if (!finished) socket.send(encode(question))
    })
  })
}

function overTcp(server: DnsServer, question: Packet, signal: AbortSignal): Promise<DecodedPacket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: server.host, port: server.port, signal })
    let received = Buffer.alloc(0)
    socket.on('connect', () => socket.write(streamEncode(question)))
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return
      const answer = decodeSafely(() => streamDecode(received) as DecodedPacket | null)
      if (answer !== undefined && belongs(answer, question)) resolve(answer)
      else reject(new Error('what it answered is not DNS'))
      socket.destroy()
    })
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('it closed the connection')))
  })
}

function decodeSafely(read: () => DecodedPacket | null): DecodedPacket | undefined {
  try {
    return read() ?? undefined
  } catch {
    return undefined
  }
}

function belongs(answer: DecodedPacket, question: Packet): boolean {
  const [asked] = question.questions!
  const [repeated] = answer.questions ?? []
  return (
    answer.type === 'response' &&
    answer.id === question.id &&
    repeated !== undefined &&
    repeated.type === asked!.type &&
    sameName(repeated.name, asked!.name)
  )
}

export const bareName = (name: string): string => name.toLowerCase().replace(/\.$/, '')
export const sameName = (one: string, other: string): boolean => bareName(one) === bareName(other)
