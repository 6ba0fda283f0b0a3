import { writeFileSync } from 'node:fs'
import { request, type RequestOptions } from 'node:https'
import type { IncomingMessage } from 'node:http'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger, systemClock } from '@millrace/core'
import { allocatePort } from '@millrace/core/process'
import { engineConfig } from '../../src/config.ts'
import { makeCertificate } from '../../src/testing/certificates.ts'
import { CaddyFront, type CaddyFrontOptions } from '../../src/front/front.ts'

/** How the failure of a request begins that never left because there was no connection. */
export const NOT_OPENED = 'no connection'

export interface FrontAnswer {
  status: number
  headers: IncomingMessage['headers']
  text: string
}

/** One front before a given port, with a certificate of its own. */
export class FrontFixture {
  directory = ''
  front!: CaddyFront

  /** `options` over those that the host part would take from a configuration without any of these settings. */
  async start(upstream: number, options: Partial<CaddyFrontOptions> = {}): Promise<void> {
    this.directory = await mkdtemp(join(tmpdir(), 'millrace-front-'))
    const { timeouts, limits } = engineConfig.parse({})
    this.front = new CaddyFront({
      program: process.env.CADDY_PATH || 'caddy',
      host: '127.0.0.1',
      port: await allocatePort(),
      upstream: { host: '127.0.0.1', port: upstream },
      certificates: [this.makeCertificate('one')],
      minVersion: '1.2',
      trustedProxies: [],
      countryHeader: undefined,
      headersMs: timeouts.headersMs,
      keepAliveMs: timeouts.keepAliveMs,
      lingerMs: 200,
      headerBytes: limits.headerBytes,
      directory: join(this.directory, 'front'),
      logger: silentLogger,
      clock: systemClock,
      changed: () => undefined,
      ...options,
    })
    await this.front.start()
  }

  /** A certificate for localhost, whose common name is `name`. */
  makeCertificate(name: string): { field: string; certificate: string; key: string } {
    const made = makeCertificate([name, 'localhost'])
    const [certificate, key] = [join(this.directory, 'certificate.pem'), join(this.directory, 'key.pem')]
    writeFileSync(key, made.key)
    writeFileSync(certificate, made.certificate)
    return { field: 'tls', certificate, key }
  }

  ask(path: string, options: RequestOptions = {}): Promise<FrontAnswer> {
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          host: '127.0.0.1',
          port: this.front.port,
          path,
          rejectUnauthorized: false,
          servername: 'localhost',
          agent: false,
          timeout: 10_000,
          ...options,
        },
        (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('error', reject)
          response.on('end', () => {
            const { statusCode, headers } = response
            resolve({ status: statusCode!, headers, text: Buffer.concat(chunks).toString() })
          })
        },
      )
      outgoing.on('timeout', () => outgoing.destroy(new Error('no answer within 10 s')))
      let open = false
      outgoing.on('socket', (socket) => {
        open = outgoing.reusedSocket
        socket.once('secureConnect', () => (open = true))
      })
      outgoing.on('error', (error) =>
        reject(open ? error : new Error(`${NOT_OPENED}: ${error.message}`, { cause: error })),
      )
      outgoing.end()
    })
  }

  async close(): Promise<void> {
    await this.front?.stop({ deadlineMs: 2_000 })
    if (this.directory !== '') await rm(this.directory, { recursive: true, force: true })
  }
}
