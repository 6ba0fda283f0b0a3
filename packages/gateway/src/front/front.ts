import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock, ComponentStatus, Logger } from '@millrace/core'
import { allocatePort, listeningPorts, SupervisedProcess } from '@millrace/core/process'
import { gatewayErrors } from '../errors.ts'
import { askCaddy } from './admin-api.ts'
import { caddyConfiguration, DRAINING, type FrontSettings } from './caddy-config.ts'
import { FRONT_ID } from './config.ts'
import { checkCertificates, versionOf } from './certificates.ts'
import { forwardLine, messageOf } from './log-line.ts'
import { suitableCaddy } from './program.ts'

/** How often certificate files are looked at. */
const CERTIFICATES_MS = 10_000
/** Unix socket paths have at most 107 bytes. */
const MAX_DIRECTORY = 90
const START_MS = 15_000
/** For one of a former start to end. */
const FORMER_MS = 5_000
const POLL_MS = 20
const ANSWERS = [() => true, () => false] as const
const UNNAMED = 'localhost'

export interface CaddyFrontOptions extends Omit<FrontSettings, 'defaultName'> {
  /** A name on the PATH, or a path. */
  program: string
  /** Of its own: configuration, admin socket, and what Caddy stores. */
  directory: string
  logger: Logger
  clock: Clock
  /** How long visitors' connections are asked to close before a configuration replaces another. */
  lingerMs: number
  /** How often certificate files are looked at. Default 10,000. */
  certificatesMs?: number
  changed: () => void
}

/**
 * Caddy as a supervised process in front of the gateway. Everything that changes goes through its admin API, which listens on a
 * unix socket that only this user reaches.
 */
export class CaddyFront {
  readonly #options: CaddyFrontOptions
  readonly #directory: string
  readonly #clear: () => void
  #settings: FrontSettings
  #process: SupervisedProcess | undefined
  #version = ''
  #applying: Promise<void> = Promise.resolve()
  #stopWatching: () => void = () => undefined

  constructor(options: CaddyFrontOptions) {
    this.#options = options
    this.#settings = { ...options, defaultName: UNNAMED }
    const fits = Buffer.byteLength(options.directory) <= MAX_DIRECTORY
    this.#directory = fits ? options.directory : mkdtempSync(join(tmpdir(), 'millrace-front-'))
    this.#clear = fits ? () => undefined : () => rmSync(this.#directory, { recursive: true, force: true })
    mkdirSync(this.#directory, { recursive: true })
    // What is in it can command Caddy.
    chmodSync(this.#directory, 0o700)
  }

  get #socket(): string {
    return join(this.#directory, 'admin.sock')
  }

  get #file(): string {
    return join(this.#directory, 'caddy.json')
  }

  get #draining(): string {
    return join(this.#directory, DRAINING)
  }

  get port(): number {
    return this.#settings.port
  }

  /**
   * Resolves when it serves. Rejects with GATEWAY_FRONT_MISSING, GATEWAY_FRONT_UNSUITABLE, GATEWAY_CERTIFICATE_INVALID, or
   * GATEWAY_FRONT_REFUSED with what Caddy said, which is also how a taken port is reported.
   */
  async start(): Promise<void> {
    const { program: name, logger, clock } = this.#options
    const program = await suitableCaddy(name, this.#directory)
    if (this.#settings.port === 0) this.#settings = { ...this.#settings, port: await allocatePort() }
    await this.#check()
    await this.#endFormer()
    await this.#write()
    const started = new SupervisedProcess({
      id: FRONT_ID,
      kind: 'service',
      logger,
      clock,
      startTimeoutMs: START_MS,
      onChange: () => this.#options.changed(),
      onLine: (line) => forwardLine(logger, line),
      launch: async () => {
        // A socket of a former one would answer for the one that is to come.
        await rm(this.#socket, { force: true })
        await rm(this.#draining, { force: true })
        return {
          command: [program, 'run', '--config', this.#file],
          cwd: this.#directory,
          // Whatever it keeps for itself stays in its folder.
          env: {
            HOME: this.#directory,
            XDG_DATA_HOME: this.#directory,
            XDG_CONFIG_HOME: this.#directory,
            PATH: process.env.PATH,
          },
          readiness: {
            kind: 'probe',
            check: () => this.#serves(started.status().pid),
          },
        }
      },
    })
    this.#process = started
    started.start()
    try {
      await started.whenReady()
    } catch (error) {
      const said = started.lastLines().map(messageOf)
      await this.stop({ deadlineMs: 0 })
      const reason = said.filter((line) => line !== undefined).at(-1) ?? (error as Error).message
      throw gatewayErrors.FRONT_REFUSED({ reason }, error)
    }
    this.#stopWatching = clock.every(this.#options.certificatesMs ?? CERTIFICATES_MS, () => void this.#look())
  }

  /** Whether it listens. It answers for its configuration sooner, and ends when the port turns out to be taken. */
  async #serves(pid: number | undefined): Promise<boolean> {
    if ((await askCaddy(this.#socket, 'GET', '/config/apps/http')) === 'null\n') return false
    return process.platform !== 'linux' || (pid !== undefined && listeningPorts(pid).includes(this.port))
  }

  /** Ends what a former process of ours started here and could not end, because it was killed itself: it would still have the port. */
  async #endFormer(): Promise<void> {
    const { clock, logger } = this.#options
    const answers = (call: Promise<unknown>): Promise<boolean> => call.then(...ANSWERS)
    if (!(await answers(askCaddy(this.#socket, 'POST', '/stop', '')))) return
    logger.warn('the front of a former start still ran and is ended')
    const deadline = clock.monotonic() + FORMER_MS
    while (clock.monotonic() < deadline) {
      if (!(await answers(askCaddy(this.#socket, 'GET', '/config/admin')))) return
      await clock.sleep(POLL_MS)
    }
  }

  /**
   * Puts other settings in force without another process: what is in flight over HTTP/1.1 and HTTP/2 is answered. Rejects with
   * GATEWAY_FRONT_REFUSED, GATEWAY_CERTIFICATE_INVALID or GATEWAY_FRONT_SILENT, and the former settings stay.
   */
  update(settings: Partial<Omit<FrontSettings, 'defaultName'>>): Promise<void> {
    const applied = this.#applying.then(() => this.#apply(settings))
    this.#applying = applied.catch(() => undefined)
    return applied
  }

  async #apply(settings: Partial<FrontSettings>): Promise<void> {
    const former = this.#settings
    const formerFile = await readFile(this.#file, 'utf8')
    this.#settings = { ...former, ...settings }
    try {
      await this.#check()
      const configuration = await this.#write()
      // One that is starting reads the file.
      if (this.#process?.status().state === 'ready') await this.#load(configuration)
    } catch (error) {
      this.#settings = former
      await this.#replace(formerFile)
      throw error
    }
  }

  async #load(configuration: string): Promise<void> {
    const { clock, lingerMs } = this.#options
    await writeFile(this.#draining, '')
    try {
      await clock.sleep(lingerMs)
      await askCaddy(this.#socket, 'POST', '/load', configuration)
    } finally {
      await rm(this.#draining, { force: true })
    }
  }

  /** The first certificate's name is for visitors who name none. */
  async #check(): Promise<void> {
    const { certificates } = this.#settings
    // Before they are read: what changes meanwhile is looked at again. A file that is not there is reported by its reader.
    const version = await versionOf(certificates).catch(() => '')
    const [defaultName = UNNAMED] = checkCertificates(certificates)
    this.#settings = { ...this.#settings, defaultName }
    this.#version = version
  }

  async #write(): Promise<string> {
    const configuration = caddyConfiguration(this.#settings, {
      socket: this.#socket,
      storage: join(this.#directory, 'storage'),
      directory: this.#directory,
    })
    await this.#replace(configuration)
    return configuration
  }

  async #replace(configuration: string): Promise<void> {
    await writeFile(`${this.#file}.new`, configuration, { mode: 0o600 })
    await rename(`${this.#file}.new`, this.#file)
  }

  /** Certificates are renewed by replacing their files; one that is not complete yet is looked at again. */
  async #look(): Promise<void> {
    const { logger } = this.#options
    const version = await versionOf(this.#settings.certificates).catch(() => this.#version)
    if (version === this.#version) return
    try {
      await this.update({})
      logger.info('the front has read its certificates again')
    } catch (error) {
      logger.warn({ err: error }, 'the front keeps the certificates it had')
    }
  }

  status(): ComponentStatus {
    const status = this.#process?.status() ?? {
      id: FRONT_ID,
      kind: 'service',
      state: 'starting',
      restarts: 0,
    }
    const { host, port } = this.#settings
    return { ...status, address: `https://${host.includes(':') ? `[${host}]` : host}:${port}` }
  }

  /** Accepts nothing more, and ends when what is in flight is answered or after `deadlineMs`. */
  async stop({ deadlineMs }: { deadlineMs: number }): Promise<void> {
    this.#stopWatching()
    await this.#process?.stop({ deadlineMs })
    this.#clear()
  }
}
