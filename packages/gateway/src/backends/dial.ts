import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

export interface SessionTarget {
  protocol: 'http' | 'https'
  host: string
  port: number
}

/** What connections are made to. */
export interface Dialled {
  readonly target: SessionTarget
  /** Of an earlier connection, so that TLS need not begin anew. */
  tlsSession: Buffer | undefined
}

/** A connection to a backend; `connected` says whether it offers HTTP/2, as one without TLS is taken to. */
export function dial(to: Dialled, connected: (http2: boolean) => void): Socket {
  const { protocol, host, port } = to.target
  if (protocol === 'http') {
    const socket = connectTcp({ host, port, noDelay: true })
    return socket.on('connect', () => connected(true))
  }
  const socket = connectTls({
    host,
    port,
    servername: isIP(host) === 0 ? host : '',
    ALPNProtocols: ['h2'],
    ...(to.tlsSession === undefined ? {} : { session: to.tlsSession }),
  })
  socket.setNoDelay(true)
  socket.on('session', (ticket: Buffer) => (to.tlsSession = ticket))
  return socket.on('secureConnect', () => connected(socket.alpnProtocol === 'h2'))
}
