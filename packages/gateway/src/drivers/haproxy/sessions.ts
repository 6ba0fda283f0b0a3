import type { OpenConnection, OpenConnections } from '../../connections-view/model.ts'
import { nameWithout } from './quote.ts'

const SESSION = /^(0x[\da-f]+): proto=\S+ src=(\S+):(\d+) fe=visitors be=(\S+) srv=(\S+) .*? age=(\S+) /

const UNITS: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 }

/** `1d2h`, `3m4s`, `5s`. */
const milliseconds = (age: string): number =>
  [...age.matchAll(/(\d+)([dhms])/g)].reduce((sum, [, count, unit]) => sum + Number(count) * UNITS[unit!]!, 0)

/** What `show sess` says (management guide, section 9.3): one line per request in progress. */
export function parseSessions(answer: string, limit: number): OpenConnections {
  const found = answer.split('\n').flatMap((line) => connectionOf(SESSION.exec(line)))
  return {
    total: found.length,
    connections: found.toSorted((a, b) => b.requests[0]!.ageMs - a.requests[0]!.ageMs).slice(0, limit),
  }
}

function connectionOf(match: RegExpExecArray | null): OpenConnection[] {
  if (match === null) return []
  const [, id, address, port, section, server, age] = match
  const backend = nameWithout('b.', server) ?? null
  return [
    {
      id: id!,
      address: address!,
      port: Number(port),
      protocol: 'HTTP/1.1',
      tls: false,
      since: null,
      receivedBytes: null,
      sentBytes: null,
      requests: [
        {
          method: null,
          host: null,
          path: null,
          client: address!,
          pool: nameWithout('pool.', section) ?? '',
          backend,
          state: backend === null ? 'queued' : 'sent',
          ageMs: milliseconds(age!),
        },
      ],
    },
  ]
}

/** What `show sess <id>` says of the visitor's side: `co0=0x… ctrl=tcpv4 xprt=SSL mux=H2 data=STRM target=LISTENER:…`. */
export const withTransport = (
  { total, connections }: OpenConnections,
  details: readonly string[],
): OpenConnections => ({
  total,
  connections: connections.map((connection, at) => {
    const [, transport, mux] = /\bco0=\S+ ctrl=\S+ xprt=(\S+) mux=(\S+)/.exec(details[at] ?? '') ?? []
    const protocol = mux === 'H2' ? 'HTTP/2' : connection.protocol
    return { ...connection, protocol, tls: transport === 'SSL' }
  }),
})
