import {
  createHostPorts,
  forwardLog,
  redisVariables,
  systemClock,
  type Clock,
  type ComponentStatus,
  type InitMessage,
  type Logger,
} from '@millrace/core'
import { RunFiles } from '@millrace/core/process'
import type { Progress } from '../output/progress.ts'
import { choosePorts, displayHost, type ChosenPorts } from './choose-ports.ts'
import { ComponentBoard } from './component-board.ts'
import { ControlPlaneSource, mountControlPlane } from './control-plane-source.ts'
import { startControlPlane, type ControlPlane } from './control-plane.ts'
import { DataDir, newToken } from './data-dir.ts'
import { provideDatabases, startDatabase, type PlatformDatabase } from './database.ts'
import { applicationVariables } from './environment.ts'
import { HostParts } from './host-parts.ts'
import { failedComponent, packageOf } from './failed-component.ts'
import { createRuntimeCalls } from './runtime-calls.ts'
import type { PlatformSettings } from './settings.ts'

export interface PlatformOptions {
  settings: PlatformSettings
  logger: Logger
  progress: Progress
  clock?: Clock
}

export interface Platform {
  publicUrl: string
  /** By HTTPS. */
  secureUrls: readonly string[]
  panelUrl: string
  dataDir: string
  /** Set at the first start of a data directory only. */
  generatedPassword: string | undefined
  components(): ComponentStatus[]
}

// Each stage has its own limit: a gateway that drains slowly takes nothing from the database's shutdown.
const HOSTS_DEADLINE_MS = 15_000
const CONTROL_PLANE_DEADLINE_MS = 8_000
const DATABASE_DEADLINE_MS = 20_000

/** Runs the whole platform in this process and its children. `stop` may be called at any time, also during `start`. */
export class Supervisor {
  readonly #options: PlatformOptions
  readonly #clock: Clock
  readonly #dataDir: DataDir
  readonly #runFiles: RunFiles
  readonly #board = new ComponentBoard()
  readonly #ports = createHostPorts()
  readonly #hosts: HostParts
  readonly #telemetryToken: string
  /** By application: variable names and addresses. */
  readonly #databaseVariables = new Map<string, Record<string, string>>()
  #chosen: ChosenPorts = { publicUrl: '', secureUrls: [], listen: { host: '127.0.0.1', port: 0 } }
  #database: PlatformDatabase | undefined
  #controlPlane: ControlPlane | undefined
  #generatedPassword: string | undefined
  #stopping: Promise<void> | undefined

  /** Takes the data directory. Throws CLI_ALREADY_RUNNING, CLI_DATA_DIR_UNUSABLE. */
  constructor(options: PlatformOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#dataDir = DataDir.open(options.settings.loaded.config.dataDir)
    this.#telemetryToken = this.#dataDir.secrets().telemetryToken
    this.#runFiles = new RunFiles(this.#dataDir.folder('run', 'processes'))
    this.#hosts = new HostParts({
      capabilities: options.settings.capabilities.map(({ capability }) => capability),
      context: ({ name }) => ({
        name,
        config: this.#config[name],
        platform: this.#config,
        logger: options.logger.child({ component: name }),
        clock: this.#clock,
        dataDir: this.#dataDir.folder(name),
        telemetry: this.#telemetry(),
        ports: this.#ports,
        environment: (application) =>
          applicationVariables(application, this.#config.applications[application]!, {
            telemetry: this.#telemetry(),
            databases: this.#databaseVariables.get(application) ?? {},
            redis: this.#config.redis,
            path: process.env['PATH'],
          }),
        changed: () => this.#board.changed(),
      }),
      board: this.#board,
      onStarting: ({ title }) => options.progress.step(title),
    })
  }

  /** Starts everything, in order. On an error call `stop`: some of it may run. */
  async start(): Promise<Platform> {
    const missing = this.#options.settings.invalid.map((error) =>
      failedComponent(packageOf(error), error.message, this.#clock.now()),
    )
    this.#board.add(() => missing)
    await this.#runFiles.reap(this.#options.logger)
    this.#chosen = await choosePorts(this.#config, this.#dataDir)
    await this.#startDatabase()
    const controlPlane = this.#startControlPlane()
    await this.#hosts.start()
    await controlPlane
    return {
      publicUrl: this.#chosen.publicUrl,
      secureUrls: this.#chosen.secureUrls,
      panelUrl: this.#panelUrl(),
      dataDir: this.#dataDir.path,
      generatedPassword: this.#generatedPassword,
      components: () => this.#board.list(),
    }
  }

  /** Ends everything in reverse order, within deadlines. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  /** Ends every process at once. Nothing durable is lost: the database recovers at its next start. */
  kill(): void {
    for (const { pid } of this.#board.list()) {
      if (pid === undefined) continue
      for (const target of [-pid, pid]) {
        try {
          process.kill(target, 'SIGKILL')
        } catch {
          // It ended already, or leads no group.
        }
      }
    }
    this.#dataDir.close()
  }

  get #config(): PlatformSettings['loaded']['config'] {
    return this.#options.settings.loaded.config
  }

  #controlUrl(): string {
    const { host, port } = this.#chosen.listen
    const reachable = displayHost(host)
    return `http://${reachable === 'localhost' ? '127.0.0.1' : reachable}:${port}`
  }

  #panelUrl(): string {
    return `${this.#config.server.mount === 'off' ? this.#controlUrl() : this.#chosen.publicUrl}/admin`
  }

  #telemetry(): { url: string; token: string } {
    return { url: this.#controlUrl(), token: this.#telemetryToken }
  }

  async #startDatabase(): Promise<void> {
    const done = this.#options.progress.step('PostgreSQL')
    try {
      const database = await startDatabase({
        platform: this.#config,
        dataDir: this.#dataDir,
        logger: this.#options.logger,
        clock: this.#clock,
        runFiles: this.#runFiles,
        onChange: () => this.#board.changed(),
      })
      this.#database = database
      this.#board.add(() => database.components())
      for (const [name, application] of Object.entries(this.#config.applications)) {
        this.#databaseVariables.set(name, await provideDatabases(application, database))
      }
      done()
    } catch (error) {
      done((error as Error).message)
      throw error
    }
  }

  /** Resolves after its first attempt. One that failed is tried again, and the data plane runs without it meanwhile. */
  async #startControlPlane(): Promise<void> {
    const { logger, progress } = this.#options
    const { listen } = this.#chosen
    const source = new ControlPlaneSource(listen, logger)
    this.#ports.provide('instances', source.board)
    mountControlPlane(this.#ports, this.#config.server.mount)
    const ownLogger = logger.child({ component: 'control-plane' })
    const done = progress.step('Control plane')
    const controlToken = newToken()
    const controlPlane = startControlPlane({
      init: () => this.#initMessage(controlToken),
      env: { ...process.env, ...redisVariables(this.#config.redis) },
      call: createRuntimeCalls(this.#hosts.running),
      components: () => this.#board.list(),
      logger: ownLogger,
      clock: this.#clock,
      runFiles: this.#runFiles,
      onChange: (process) => {
        source.follow(process)
        this.#board.changed()
      },
      onLine: (line, stream) => forwardLog(ownLogger, 'control-plane', line, stream),
      onGeneratedPassword: (password) => {
        this.#generatedPassword = password
      },
    })
    this.#controlPlane = controlPlane
    const address = `${listen.host}:${listen.port}`
    this.#board.add(() => [{ ...controlPlane.process.status(), address }])
    this.#board.onChange(() => controlPlane.sendComponents())
    this.#dataDir.writeControl({
      url: this.#controlUrl(),
      token: controlToken,
      pid: process.pid,
      publicUrl: this.#chosen.publicUrl,
      secureUrls: this.#chosen.secureUrls,
      panelUrl: this.#panelUrl(),
    })
    try {
      await controlPlane.process.whenReady()
      done()
    } catch (error) {
      done((error as Error).message)
      if (this.#stopping === undefined) logger.error(`${(error as Error).message}. It is tried again.`)
    }
  }

  #initMessage(controlToken: string): InitMessage {
    const { loaded, capabilities } = this.#options.settings
    return {
      type: 'init',
      config: this.#config,
      origins: loaded.origins,
      databaseUrl: this.#database!.url,
      dataDir: this.#dataDir.path,
      listen: this.#chosen.listen,
      publicUrl: this.#chosen.publicUrl,
      capabilities: capabilities.map(({ module }) => module),
      telemetryToken: this.#telemetryToken,
      controlToken,
    }
  }

  async #stop(): Promise<void> {
    const report = (part: string) => (error: unknown) =>
      this.#options.logger.error({ err: error, part }, 'did not stop as it should')
    await this.#hosts.stop({ deadlineMs: HOSTS_DEADLINE_MS }, (part, error) => report(part)(error))
    await this.#controlPlane?.stop({ deadlineMs: CONTROL_PLANE_DEADLINE_MS }).catch(report('control plane'))
    await this.#database?.stop({ deadlineMs: DATABASE_DEADLINE_MS }).catch(report('database'))
    this.#board.close()
    this.#dataDir.close()
  }
}
