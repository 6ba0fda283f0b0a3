import type { ApplicationConfig, ComponentState, Instance, InstanceState, Logger } from '@millrace/core'
import {
  allocatePort,
  isPortFree,
  listeningPorts,
  parseCommand,
  SupervisedProcess,
  type Readiness,
  type RunFiles,
} from '@millrace/core/process'
import type { Clock } from '@millrace/core'
import { fillPort } from './instance-environment.ts'

export interface ManagedInstanceOptions {
  id: string
  pool: string
  application: ApplicationConfig
  /** Complete but for PORT, HOST and MILLRACE_INSTANCE. */
  environment: () => Record<string, string | undefined>
  logger: Logger
  clock: Clock
  runFiles: RunFiles
  onChange: () => void
}

const STATES: Record<ComponentState, InstanceState> = {
  starting: 'starting',
  restarting: 'starting',
  ready: 'ready',
  draining: 'draining',
  failed: 'failed',
  stopped: 'stopped',
}

/** One running copy of an application: a supervised process and the port it was given. */
export class ManagedInstance {
  readonly id: string
  readonly process: SupervisedProcess
  #port = 0
  /** Set before the process knows: no new requests, but it still serves those it has. */
  #draining = false
  readonly #pool: string

  constructor(options: ManagedInstanceOptions) {
    const { application, id } = options
    const command = parseCommand(application.command ?? '')
    this.id = id
    this.#pool = options.pool
    this.process = new SupervisedProcess({
      id,
      kind: 'instance',
      logger: options.logger.child({ instance: id }),
      clock: options.clock,
      startTimeoutMs: application.startTimeoutMs,
      runFiles: options.runFiles,
      onChange: options.onChange,
      launch: async () => {
        // The same port as long as nobody took it, so that little changes for those who know it.
        if (this.#port === 0 || !(await isPortFree(this.#port))) this.#port = await allocatePort()
        const port = this.#port
        return {
          command: fillPort(command, port),
          cwd: application.cwd,
          env: { ...options.environment(), PORT: String(port), HOST: '127.0.0.1', MILLRACE_INSTANCE: id },
          readiness: readinessOf(application, port),
          expectation: (groupId) => expectation(port, listeningPorts(groupId), application.health.path),
        }
      },
    })
  }

  describe(): Instance {
    const state = this.#draining ? 'draining' : STATES[this.process.status().state]
    return {
      id: this.id,
      pool: this.#pool,
      host: this.process.host ?? '127.0.0.1',
      port: this.#port,
      weight: 1,
      state,
    }
  }

  markDraining(): void {
    this.#draining = true
  }
}

function readinessOf(application: ApplicationConfig, port: number): Readiness {
  const { path } = application.health
  return path === undefined ? { kind: 'tcp', port } : { kind: 'http', port, path }
}

/** What to do about an instance that did not become ready: the usual reason is a port of its own. */
function expectation(port: number, listening: readonly number[], healthPath: string | undefined): string {
  if (listening.includes(port)) {
    return healthPath === undefined
      ? `it listens on ${port} but accepts no connection`
      : `it listens on ${port}, but GET ${healthPath} does not answer below 500`
  }
  const instead =
    listening.length === 0
      ? ''
      : ` It listens on ${listening.join(' and ')} instead: let it use process.env.PORT, or start it yourself and give its address as an upstream.`
  return `it must listen on the port in the variable PORT (${port}; $PORT in the command is replaced by it).${instead}`
}
