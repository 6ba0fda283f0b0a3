import type { HostPorts, Instance, InstanceSource, Logger, PlatformConfig } from '@millrace/core'
import type { SupervisedProcess } from '@millrace/core/process'

/** The control plane as the gateway sees it: a pool of one, for /admin and /api behind the public port. */
export class ControlPlaneSource implements InstanceSource {
  readonly #listeners = new Set<(instances: readonly Instance[]) => Promise<void> | void>()
  readonly #listen: { host: string; port: number }
  readonly #logger: Logger
  #state: Instance['state'] = 'starting'

  constructor(listen: { host: string; port: number }, logger: Logger) {
    this.#listen = listen
    this.#logger = logger
  }

  list(): readonly Instance[] {
    const { host, port } = this.#listen
    // One that listens everywhere is reached on loopback.
    const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
    return [
      {
        id: 'control-plane',
        pool: 'control-plane',
        host: reachable,
        port,
        weight: 1,
        state: this.#state,
      },
    ]
  }

  onChange(listener: (instances: readonly Instance[]) => Promise<void> | void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  follow(process: SupervisedProcess): void {
    const { state } = process.status()
    const next = state === 'restarting' ? 'starting' : state
    if (next === this.#state) return
    this.#state = next
    for (const listener of this.#listeners) {
      void Promise.resolve(listener(this.list())).catch((error: unknown) =>
        this.#logger.error({ err: error }, 'the gateway did not apply a change of the control plane'),
      )
    }
  }
}

/** Lets the gateway forward the panel and the API, according to `server.mount`. */
export function mountControlPlane(ports: HostPorts, mount: PlatformConfig['server']['mount']): void {
  if (mount === 'off') return
  const access = mount === 'loopback' ? 'loopback' : 'any'
  for (const prefix of ['/admin', '/api']) ports.addRoute({ prefix, pool: 'control-plane', access })
}
