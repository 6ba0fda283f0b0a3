import {
  InstanceBoard,
  type HostPorts,
  type Instance,
  type Logger,
  type PlatformConfig,
} from '@millrace/core'
import type { SupervisedProcess } from '@millrace/core/process'

/** The control plane as the gateway sees it: a pool of one, for /admin and /api behind the public port. */
export class ControlPlaneSource {
  readonly board: InstanceBoard
  readonly #listen: { host: string; port: number }
  #state: Instance['state'] = 'starting'

  constructor(listen: { host: string; port: number }, logger: Logger) {
    this.#listen = listen
    this.board = new InstanceBoard(() => this.#instances(), logger)
  }

  #instances(): readonly Instance[] {
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

  follow(process: SupervisedProcess): void {
    const { state } = process.status()
    const next = state === 'restarting' ? 'starting' : state
    if (next === this.#state) return
    this.#state = next
    void this.board.publish()
  }
}

/** Lets the gateway forward the panel and the API, according to `server.mount`. */
export function mountControlPlane(ports: HostPorts, mount: PlatformConfig['server']['mount']): void {
  if (mount === 'off') return
  const access = mount === 'loopback' ? 'loopback' : 'any'
  for (const prefix of ['/admin', '/api']) ports.addRoute({ prefix, pool: 'control-plane', access })
}
