import type { ComponentStatus, Instance, ScalePool } from '@millrace/core'
import { scalingErrors } from '../errors.ts'
import type { Pool } from './pool.ts'

/** Addresses that run elsewhere. Always `ready` here: whether they answer is the gateway's health check. */
export class StaticPool implements Pool {
  readonly name: string
  readonly #instances: Instance[]

  constructor(name: string, upstreams: readonly string[]) {
    this.name = name
    this.#instances = upstreams.map((upstream, index) => {
      const { hostname, port, protocol } = new URL(upstream)
      return {
        id: `${name}/${index + 1}`,
        pool: name,
        host: hostname.replace(/^\[|\]$/g, ''),
        port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
        weight: 1,
        state: 'ready',
      }
    })
  }

  instances(): Instance[] {
    return this.#instances
  }

  /** None: the supervisor does not run them. */
  components(): ComponentStatus[] {
    return []
  }

  describe(): ScalePool {
    const count = this.#instances.length
    return {
      name: this.name,
      desired: count,
      ready: count,
      min: count,
      max: count,
      instances: this.#instances.map(({ id, state, host, port }) => ({
        id,
        state,
        address: host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
        restarts: 0,
      })),
    }
  }

  async start(): Promise<void> {}

  async scale(): Promise<never> {
    throw scalingErrors.NOT_SCALABLE({ pool: this.name })
  }

  async restart(): Promise<never> {
    throw scalingErrors.NOT_SCALABLE({ pool: this.name })
  }

  async stopInstance(): Promise<never> {
    throw scalingErrors.NOT_SCALABLE({ pool: this.name })
  }

  async stop(): Promise<void> {}
}
