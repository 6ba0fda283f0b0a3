import { connect as connectHttp2, type ClientHttp2Session, type OutgoingHttpHeaders } from 'node:http2'
import { request, type IncomingMessage } from 'node:http'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import type { GatewayOptions } from '../drivers/node.ts'
import { CertificateFolder, makeCertificate } from './certificates.ts'
import { onePool, wholeAnswer, type Answer, type Fixture } from './fixture.ts'

/** Starts the engine with a certificate for shop.example and TLS; false: it has none, and said so. */
export async function startSecure(
  fixture: Fixture,
  port: number,
  options: GatewayOptions = {},
): Promise<CertificateFolder | undefined> {
  const folder = new CertificateFolder()
  fixture.cleanup(() => folder.remove())
  const files = folder.write('shop', makeCertificate(['shop.example', '*.shop.example']))
  const tls = { enabled: true, port: 0, certificates: [files], ...options.tls }
  return (await fixture.startWith('tls.enabled', onePool(port), { ...options, tls })) ? folder : undefined
}

/** A handshake with the engine. */
export function handshake(fixture: Fixture, options: ConnectionOptions = {}): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: '127.0.0.1',
      port: fixture.tlsPort,
      rejectUnauthorized: false,
      servername: 'shop.example',
      ...options,
    })
    fixture.cleanup(() => void socket.destroy())
    socket.once('error', reject)
    socket.once('secureConnect', () => {
      socket.off('error', reject)
      socket.on('error', () => undefined)
      resolve(socket)
    })
  })
}

/** One request with HTTP/1.1 over TLS. */
export async function askSecurely(
  fixture: Fixture,
  path: string,
  options: { headers?: Record<string, string>; method?: string; body?: string | Buffer } = {},
): Promise<Answer> {
  const socket = await handshake(fixture, { ALPNProtocols: ['http/1.1'] })
  return new Promise((resolve, reject) => {
    const { headers = {}, method = 'GET', body } = options
    const outgoing = request(
      { path, method, headers: { host: 'shop.example', ...headers }, createConnection: () => socket },
      (response: IncomingMessage) => void wholeAnswer(response).then(resolve, reject),
    )
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

export interface Http2Answer {
  status: number
  headers: Record<string, unknown>
  trailers: Record<string, unknown>
  /** 1xx, with their headers. */
  interim: Record<string, unknown>[]
  text: string
  /** Of RST_STREAM; 0: it ended in order. */
  code: number
}

/** A visitor's HTTP/2 connection. */
export class Http2Visitor {
  readonly session: ClientHttp2Session
  /** Codes of GOAWAY. */
  readonly goaways: number[] = []

  constructor(session: ClientHttp2Session) {
    this.session = session
    session.on('error', () => undefined)
    session.on('goaway', (code: number) => this.goaways.push(code))
  }

  static async open(fixture: Fixture): Promise<Http2Visitor> {
    const socket = await handshake(fixture, { ALPNProtocols: ['h2'] })
    const session = connectHttp2('https://shop.example', { createConnection: () => socket })
    fixture.cleanup(() => session.destroy())
    return new Http2Visitor(session)
  }

  ask(headers: OutgoingHttpHeaders, body?: string | Buffer): Promise<Http2Answer> {
    return new Promise((resolve) => {
      const stream = this.session.request(
        { ':authority': 'shop.example', ...headers },
        { endStream: body === undefined },
      )
      const chunks: Buffer[] = []
      const answer: Http2Answer = { status: 0, headers: {}, trailers: {}, interim: [], text: '', code: 0 }
      stream.on('headers', (interim) => answer.interim.push(interim))
      stream.on('response', (fields) => {
        answer.status = Number(fields[':status'])
        answer.headers = fields
      })
      stream.on('trailers', (fields) => (answer.trailers = fields))
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('error', () => undefined)
      stream.on('close', () => {
        answer.text = Buffer.concat(chunks).toString()
        answer.code = stream.rstCode
        resolve(answer)
      })
      if (body !== undefined) stream.end(body)
    })
  }
}
