import { backoffDelay, type ApplicationDiscover, type Clock } from '@millrace/core'
import type { DiscoveredBackend, DiscoveryReport, DiscoverySource } from '../source.ts'
import { DnsClient } from './dns-client.ts'
import { addressesOf, negativeTtl, positiveWeights, servicesOf } from './records.ts'

export type DnsSettings = NonNullable<ApplicationDiscover['dns']>

interface Lookup {
  backends: DiscoveredBackend[]
  ttlSeconds: number | undefined
}

/** Targets of SRV records are looked up so many at a time. */
const LOOKUPS_AT_ONCE = 16

/** Addresses behind a name (A, AAAA) or a service (SRV), asked for again when their TTL is over. */
export class DnsSource implements DiscoverySource {
  readonly kind = 'dns'
  readonly target: string
  /** A resolver that lost its zone answers that there is nothing. */
  readonly whenEmpty = 'keep'
  readonly #settings: DnsSettings
  readonly #client: DnsClient
  readonly #clock: Clock

  constructor(settings: DnsSettings, clock: Clock) {
    this.#settings = settings
    this.#client = new DnsClient(settings)
    this.#clock = clock
    this.target = `${settings.name} ${settings.type}`
  }

  async follow(report: DiscoveryReport, signal: AbortSignal): Promise<void> {
    const { minTtlMs, maxTtlMs } = this.#settings
    for (let attempt = 0; !signal.aborted;) {
      let delayMs: number
      try {
        const { backends, ttlSeconds = 0 } = await this.#lookUp(signal)
        report.found(backends)
        attempt = 0
        delayMs = Math.min(Math.max(ttlSeconds * 1_000, minTtlMs), maxTtlMs)
      } catch (error) {
        if (signal.aborted) return
        report.failed(error)
        delayMs = backoffDelay(attempt++, {
          baseMs: minTtlMs,
          maxMs: Math.max(minTtlMs, 30_000),
          jitter: 0.25,
        })
      }
      await this.#clock.sleep(delayMs, signal).catch(() => undefined)
    }
  }

  async #lookUp(signal: AbortSignal): Promise<Lookup> {
    const { name, type, port = 0 } = this.#settings
    const answer = await this.#client.query(name, type, signal)
    if (type !== 'SRV') {
      const { addresses, ttlSeconds } = addressesOf(answer.answers ?? [], name, type)
      return {
        backends: addresses.map((host) => ({ host, port, weight: 1 })),
        ttlSeconds: ttlSeconds ?? negativeTtl(answer),
      }
    }
    const { services, ttlSeconds = negativeTtl(answer) } = servicesOf(answer)
    const weights = positiveWeights(services)
    const ttls = ttlSeconds === undefined ? [] : [ttlSeconds]
    const backends: DiscoveredBackend[] = []
    for (let from = 0; from < services.length; from += LOOKUPS_AT_ONCE) {
      const some = services.slice(from, from + LOOKUPS_AT_ONCE)
      const found = await Promise.all(
        some.map(({ target }) => this.#targetAddresses(target, answer.additionals ?? [], signal)),
      )
      for (const [index, { addresses, ttlSeconds: ttl }] of found.entries()) {
        const { port: own, priority } = some[index]!
        const weight = weights[from + index]!
        if (ttl !== undefined) ttls.push(ttl)
        for (const host of addresses) backends.push({ host, port: own, weight, priority })
      }
    }
    return { backends, ttlSeconds: ttls.length === 0 ? undefined : Math.min(...ttls) }
  }

  /** What came with the answer saves the question. A target without addresses is left out. */
  async #targetAddresses(
    target: string,
    additionals: Parameters<typeof addressesOf>[0],
    signal: AbortSignal,
  ): Promise<ReturnType<typeof addressesOf>> {
    for (const type of ['A', 'AAAA'] as const) {
      const known = addressesOf(additionals, target, type)
      if (known.addresses.length > 0) return known
    }
    const v4 = addressesOf((await this.#client.query(target, 'A', signal)).answers ?? [], target, 'A')
    if (v4.addresses.length > 0) return v4
    return addressesOf((await this.#client.query(target, 'AAAA', signal)).answers ?? [], target, 'AAAA')
  }
}
