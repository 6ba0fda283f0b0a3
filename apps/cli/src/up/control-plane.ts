import { fileURLToPath } from 'node:url'
import type {
  Clock,
  ComponentStatus,
  InitMessage,
  Logger,
  ToControlPlane,
  ToSupervisor,
} from '@millrace/core'
import { SupervisedProcess, type RunFiles } from '@millrace/core/process'
import { answerCall, type RuntimeCall } from './runtime-calls.ts'

export interface ControlPlaneOptions {
  /** Asked at each start: the database's address may not be known before. */
  init: () => InitMessage
  /** Of the process. */
  env: Readonly<Record<string, string | undefined>>
  call: RuntimeCall
  components: () => ComponentStatus[]
  logger: Logger
  clock: Clock
  runFiles: RunFiles
  onChange: (process: SupervisedProcess) => void
  onLine: (line: string, stream: 'stdout' | 'stderr') => void
  /** Only at the very first start of a data directory. */
  onGeneratedPassword: (password: string) => void
}

export interface ControlPlane {
  readonly process: SupervisedProcess
  sendComponents(): void
  stop(options: { deadlineMs: number }): Promise<void>
}

/** Runs the control plane as a child, so that it can die and come back without taking the data plane with it. */
export function startControlPlane(options: ControlPlaneOptions): ControlPlane {
  const main = fileURLToPath(import.meta.resolve('@millrace/server/main'))
  const send = (message: ToControlPlane): boolean => child.send(message)
  let sent = ''
  const sendComponents = (): void => {
    const components = options.components()
    sent = JSON.stringify(components)
    send({ type: 'components', components })
  }
  // A call that changed nothing must not look like news: who asks on news would ask for ever.
  const sendNewComponents = (): void => {
    if (JSON.stringify(options.components()) !== sent) sendComponents()
  }

  const child = new SupervisedProcess({
    id: 'control-plane',
    kind: 'control-plane',
    logger: options.logger,
    clock: options.clock,
    // Several times what it takes on a slow machine: one that hangs is better begun again than waited for.
    startTimeoutMs: 30_000,
    runFiles: options.runFiles,
    onChange: () => options.onChange(child),
    onLine: options.onLine,
    launch: () => ({
      command: [process.execPath, ...conditions(process.execArgv), main],
      env: options.env,
      ipc: true,
      readiness: { kind: 'message', accept: (message) => (message as ToSupervisor).type === 'ready' },
    }),
    onMessage: (raw) => {
      const message = raw as ToSupervisor
      switch (message.type) {
        case 'hello':
          send({ ...options.init() })
          break
        case 'ready':
          if (message.generatedPassword !== undefined) options.onGeneratedPassword(message.generatedPassword)
          sendComponents()
          break
        case 'call':
          void answerCall(message.id, () => options.call(message.host, message.method, message.params)).then(
            (answer) => {
              // Whoever asked may look at once: what the call changed is known before it is answered.
              sendNewComponents()
              send(answer)
            },
          )
          break
        case 'fatal':
          options.logger.error({ component: 'control-plane' }, message.message)
          break
      }
    },
  })
  child.start()
  return {
    process: child,
    sendComponents,
    stop: async ({ deadlineMs }) => {
      send({ type: 'stop', deadlineMs })
      await child.stop({ deadlineMs })
    },
  }
}

/** Whether sources or dist are run is decided once, for the whole platform. */
export const conditions = (execArgv: readonly string[]): string[] =>
  execArgv.filter((arg) => arg.startsWith('--conditions=') || arg.startsWith('-C='))
