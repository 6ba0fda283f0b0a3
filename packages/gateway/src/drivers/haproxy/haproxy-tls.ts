import type { Clock, Logger } from '@millrace/core'
import type { EngineConfig } from '../../config.ts'
import type { GatewayInstruments } from '../../pools/pool-metrics.ts'
import type { CertificateEntry } from '../../tls/certificate.ts'
import { Certificates } from '../../tls/certificates.ts'
import type { CertificateStats, TlsStats } from '../driver.ts'
import type { HaproxyProcess } from './haproxy-process.ts'
import { certificateFiles, TICKET_KEYS } from './secure-bind.ts'
import { RING_ROTATION_MS, TicketRing } from './ticket-ring.ts'
import type { Traffic } from './traffic.ts'

export interface HaproxyTlsOptions {
  config: EngineConfig
  logger: Logger
  instruments: GatewayInstruments
  /** Has HAProxy take `files()`; rejects when it does not. */
  apply: () => Promise<void>
}

/** What HAProxy needs for visitors by TLS: certificates that are read again when they change, and keys for tickets. */
export class HaproxyTls {
  readonly #tickets = new TicketRing()
  readonly #options: HaproxyTlsOptions
  readonly #certificates: Certificates
  readonly #noted = { handshakes: 0, resumed: 0, failed: 0 }
  /** Those that HAProxy has. */
  #inUse: readonly CertificateEntry[]
  #renewing: Promise<void> = Promise.resolve()
  #stop: () => void = () => undefined

  /** Throws GATEWAY_CERTIFICATE_INVALID. */
  constructor(options: HaproxyTlsOptions) {
    this.#options = options
    const { config, logger, instruments } = options
    this.#certificates = new Certificates(config.tls, logger, () => this.#changed())
    this.#inUse = this.#certificates.entries
    for (const [at, { files }] of this.#certificates.entries.entries()) {
      instruments.tlsCertificateRemaining.observe(
        () => ((this.#certificates.entries[at]?.validTo ?? 0) - Date.now()) / 1_000,
        { certificate: files.certificate },
      )
    }
  }

  /** By name, in the directory. */
  files(): Record<string, string> {
    return { ...certificateFiles(this.#inUse), [TICKET_KEYS]: this.#tickets.text }
  }

  /** `file`: of the ticket keys, as HAProxy's configuration names it. */
  start(process: HaproxyProcess, file: string, clock: Clock): void {
    this.#stop = clock.every(RING_ROTATION_MS, () => {
      process.ask(this.#tickets.rotate(file)).catch((error: unknown) =>
        // It takes them with its next start or reload.
        this.#options.logger.warn({ err: error }, 'HAProxy did not take a new key for tickets'),
      )
    })
  }

  #changed(): void {
    this.#renewing = this.#renewing.catch(() => undefined).then(() => this.#renew())
    this.#renewing.catch((error: unknown) =>
      this.#options.logger.error(
        { err: error },
        'HAProxy did not take new certificates; the former ones stay',
      ),
    )
  }

  async #renew(): Promise<void> {
    const former = this.#inUse
    this.#inUse = this.#certificates.entries
    try {
      await this.#options.apply()
    } catch (error) {
      this.#inUse = former
      throw error
    }
  }

  /** Rejects with GATEWAY_CERTIFICATE_INVALID, or as `apply` does; then the former ones stay. */
  async reload(): Promise<readonly CertificateStats[]> {
    this.#certificates.reload()
    await this.#renewing
    return this.#certificates.stats()
  }

  stats(traffic: Traffic): TlsStats {
    return { certificates: this.#certificates.stats(), ...traffic.handshakes() }
  }

  /** HAProxy's numbers since the last time become metrics; it counts neither versions nor reasons. */
  record(traffic: Traffic): void {
    const { handshakes, resumed, failed } = traffic.handshakes()
    const { tlsHandshakes, tlsHandshakeFailures } = this.#options.instruments
    const noted = this.#noted
    const again = resumed - noted.resumed
    tlsHandshakes.with({ version: 'unknown', resumed: 'yes' }).add(again)
    tlsHandshakes.with({ version: 'unknown', resumed: 'no' }).add(handshakes - noted.handshakes - again)
    tlsHandshakeFailures.with({ reason: 'other' }).add(failed - noted.failed)
    Object.assign(noted, { handshakes, resumed, failed })
  }

  close(): void {
    this.#stop()
    this.#certificates.close()
  }
}
