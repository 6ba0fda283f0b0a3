import {
  createLogger,
  importCapability,
  MillraceError,
  systemClock,
  type AnyCapability,
  type InitMessage,
  type Logger,
  type PlatformConfig,
  type ToControlPlane,
  type ToSupervisor,
} from '@millrace/core'
import { createIpcLink, type IpcLink } from './runtime/ipc-link.ts'
import { createServer, type Server } from './server.ts'

/**
 * The control plane as a child of the supervisor (core/src/host/channel.ts): says hello, is told what to run, says when
 * it is ready, and ends when told to or when the channel closes. It never outlives its supervisor.
 */

const DEFAULT_DEADLINE_MS = 10_000

const channel = process.send?.bind(process)
if (channel === undefined) {
  process.stderr.write(
    'This process is started by `millrace up`, which gives it its configuration over IPC.\n',
  )
  process.exit(64)
}
const send = (message: ToSupervisor): boolean => {
  if (!process.connected) throw new Error('the channel to the supervisor is closed')
  return channel(message)
}

let logger: Logger = createLogger({ bindings: { component: 'control-plane' } })
let link: IpcLink | undefined
let server: Server | undefined
let ending = false

async function end(exitCode: number, deadlineMs: number): Promise<void> {
  if (ending) return
  ending = true
  // Whatever hangs, this process is gone at the deadline.
  setTimeout(() => process.exit(exitCode === 0 ? 1 : exitCode), deadlineMs).unref()
  link?.close('the control plane stops')
  await server?.stop({ deadlineMs: deadlineMs * 0.9 })
  process.exit(exitCode)
}

function fail(error: unknown): void {
  logger.fatal({ err: error }, 'the control plane cannot go on')
  if (process.connected)
    send({ type: 'fatal', message: error instanceof Error ? error.message : String(error) })
  void end(1, DEFAULT_DEADLINE_MS)
}

/** One capability that cannot be imported is left out, and says so in the log; the others run. */
async function importAll(modules: readonly string[]): Promise<AnyCapability[]> {
  const imported = await Promise.all(
    modules.map(async (module) => {
      try {
        return await importCapability(module)
      } catch (error) {
        if (!(error instanceof MillraceError)) throw error
        logger.error({ err: error, module }, 'a capability cannot be mounted')
        return undefined
      }
    }),
  )
  return imported.filter((capability) => capability !== undefined)
}

async function begin(init: InitMessage, runtime: IpcLink): Promise<void> {
  const config = init.config as PlatformConfig & Record<string, unknown>
  server = await createServer({
    capabilities: await importAll(init.capabilities),
    config,
    origins: init.origins,
    databaseUrl: init.databaseUrl,
    dataDir: init.dataDir,
    publicUrl: init.publicUrl,
    telemetryToken: init.telemetryToken,
    controlToken: init.controlToken,
    logger,
    runtime,
  })
  const started = await server.start(init.listen)
  send({ type: 'ready', ...started })
}

process.on('message', (message: ToControlPlane) => {
  switch (message.type) {
    case 'init':
      if (link !== undefined) return
      logger = createLogger({
        level: (message.config as PlatformConfig).logLevel,
        bindings: { component: 'control-plane' },
      })
      link = createIpcLink(send, logger, systemClock)
      begin(message, link).catch((error: unknown) => {
        if (!ending) fail(error)
      })
      break
    case 'components':
    case 'result':
      link?.receive(message)
      break
    case 'stop':
      void end(0, message.deadlineMs)
      break
  }
})
process.on('disconnect', () => void end(0, DEFAULT_DEADLINE_MS))
process.on('SIGTERM', () => void end(0, DEFAULT_DEADLINE_MS))
// Ctrl-C reaches the whole group; the supervisor decides the order in which things end.
process.on('SIGINT', () => undefined)
process.on('uncaughtException', fail)
process.on('unhandledRejection', fail)

send({ type: 'hello' })
