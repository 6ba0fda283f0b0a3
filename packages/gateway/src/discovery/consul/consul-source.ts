import { readFile } from 'node:fs/promises'
import { backoffDelay, type ApplicationDiscover, type Clock } from '@millrace/core'
import { Agent } from 'undici'
import { getJson, type JsonAnswer } from '../json-request.ts'
import type { DiscoveryReport, DiscoverySource } from '../source.ts'
import { backendsOf, serviceEntries } from './service-entries.ts'

export type ConsulSettings = NonNullable<ApplicationDiscover['consul']>

/** Consul adds up to a sixteenth of the wait by chance; what is beyond is for the way there and back. */
const SLACK_MS = 10_000
/** Between two queries: a service whose checks flap changes its index all the time. */
const PAUSE_MS = 200

/**
 * Healthy instances of a Consul service, by blocking queries: `GET /v1/health/service/:service?passing&index=…&wait=…`
 * (developer.hashicorp.com/consul/api-docs/health and /features/blocking).
 */
export class ConsulSource implements DiscoverySource {
  readonly kind = 'consul'
  readonly target: string
  /** A Consul that was set up anew knows nothing until its agents have told it. */
  readonly whenEmpty = 'keep'
  readonly #settings: ConsulSettings
  readonly #clock: Clock
  readonly #environment: NodeJS.ProcessEnv

  /** `environment` may hold CONSUL_HTTP_TOKEN. */
  constructor(settings: ConsulSettings, clock: Clock, environment: NodeJS.ProcessEnv = {}) {
    this.#settings = settings
    this.#clock = clock
    this.#environment = environment
    const { service, datacenter, address } = settings
    this.target = `${service}${datacenter === undefined ? '' : `@${datacenter}`} at ${address}`
  }

  async follow(report: DiscoveryReport, signal: AbortSignal): Promise<void> {
    const dispatcher = new Agent({ allowH2: false, connect: { timeout: SLACK_MS } })
    let index = 0
    try {
      for (let attempt = 0; !signal.aborted;) {
        let delayMs = PAUSE_MS
        try {
          const answer = await this.#query(index, dispatcher, signal)
          report.found(backendsOf(serviceEntries.parse(answer.body)))
          index = nextIndex(index, answer.headers['x-consul-index'])
          attempt = 0
        } catch (error) {
          if (signal.aborted) return
          report.failed(error)
          // Whoever answers next may count from somewhere else.
          index = 0
          delayMs = backoffDelay(attempt++, { baseMs: 1_000, maxMs: 30_000, jitter: 0.25 })
        }
        await this.#clock.sleep(delayMs, signal).catch(() => undefined)
      }
    } finally {
      await dispatcher.destroy()
    }
  }

  async #query(index: number, dispatcher: Agent, signal: AbortSignal): Promise<JsonAnswer> {
    const { address, service, tags, datacenter, passing, waitMs } = this.#settings
    const url = new URL(`v1/health/service/${encodeURIComponent(service)}`, address.replace(/\/?$/, '/'))
    if (passing) url.searchParams.set('passing', 'true')
    for (const tag of tags) url.searchParams.append('tag', tag)
    if (datacenter !== undefined) url.searchParams.set('dc', datacenter)
    // Without an index Consul answers at once.
    if (index > 0) {
      url.searchParams.set('index', String(index))
      url.searchParams.set('wait', `${waitMs}ms`)
    }
    const token = await this.#token()
    const answer = await getJson(url, {
      headers: token === undefined ? {} : { 'x-consul-token': token },
      dispatcher,
      timeoutMs: (index > 0 ? Math.ceil(waitMs * (17 / 16)) : 0) + SLACK_MS,
      signal,
    })
    if (answer.status === 403)
      throw new Error(`Consul refuses the token: ${answer.text} (service:read, node:read)`)
    if (answer.status !== 200) throw new Error(`Consul answered ${answer.status}: ${answer.text}`)
    return answer
  }

  async #token(): Promise<string | undefined> {
    const { token, tokenFile } = this.#settings
    if (token !== undefined) return token
    if (tokenFile !== undefined) return (await readFile(tokenFile, 'utf8')).trim()
    const inherited = this.#environment['CONSUL_HTTP_TOKEN']
    return inherited === '' ? undefined : inherited
  }
}

/**
 * What the documentation asks of clients: an index that goes backwards starts anew with 0, and one that is not a positive number
 * becomes 1, so that the next query blocks.
 */
export function nextIndex(previous: number, header: string | string[] | undefined): number {
  const index = Number(header)
  if (index < previous) return 0
  return Number.isSafeInteger(index) && index > 0 ? index : 1
}
