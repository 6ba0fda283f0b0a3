import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock, ComponentStatus, Logger } from '@millrace/core'
import { stopGroup, SupervisedProcess } from '@millrace/core/process'
import { gatewayErrors } from '../../errors.ts'
import { checkConfiguration } from './program.ts'
import { ask } from './runtime-socket.ts'
import { parseStatCsv, type StatRow } from './stat-csv.ts'

/** What HAProxy is started with. */
export interface Rendered {
  /** By file name in the directory. */
  files: Record<string, string>
  configuration: (statsSocket: string) => string
}

export interface HaproxyProcessOptions {
  program: string
  /** Undefined: a new one among the system's temporary files. */
  directory: string | undefined
  logger: Logger
  clock: Clock
  /** What to start with now. Asked at every start, so that a crash brings the present state back. */
  render: () => Rendered
  /** The process runs with what was rendered last. */
  started: () => Promise<void>
  /** Right before a worker is replaced: what it has counted is gone with it. */
  leaving: () => Promise<void>
  onLine: (line: string) => void
  onChange: (status: ComponentStatus) => void
}

/** Unix socket paths have at most 107 bytes, of which HAProxy needs some for a name while it binds. */
const MAX_DIRECTORY = 70
/** Within a format within a word, HAProxy has no quoting that carries everything. */
const PLAIN = /^[\w./@-]+$/
const RELOAD_MS = 15_000
const MASTER_MS = 2_000
const POLL_MS = 10
const FORMER_MS = 2_000

/**
 * HAProxy as a supervised process: a master, and workers that it replaces when told to reload. Each has a stats socket of its
 * own, so that an answer from it says that exactly this configuration is in force.
 */
export class HaproxyProcess {
  readonly directory: string
  readonly #options: HaproxyProcessOptions
  readonly #process: SupervisedProcess
  #generation = 0
  /** Of the worker that serves. */
  #current = 0

  constructor(options: HaproxyProcessOptions) {
    this.#options = options
    this.directory = usable(options.directory)
    this.#process = new SupervisedProcess({
      id: 'gateway/haproxy',
      kind: 'worker',
      logger: options.logger,
      clock: options.clock,
      stopSignal: 'SIGUSR1',
      onLine: (line) => options.onLine(line),
      onChange: options.onChange,
      launch: async () => {
        const socket = await this.#write()
        await checkConfiguration(options.program, this.#configuration)
        const generation = this.#generation
        return {
          command: [options.program, '-W', '-S', `${this.#master},mode,600`, '-f', this.#configuration],
          cwd: this.directory,
          env: { PATH: process.env.PATH },
          readiness: {
            kind: 'probe',
            check: async () => {
              await ask(socket, 'show info')
              await this.#askMaster('show proc')
              this.#current = generation
              await options.started()
              return true
            },
          },
        }
      },
    })
  }

  get #configuration(): string {
    return join(this.directory, 'haproxy.cfg')
  }

  get #master(): string {
    return join(this.directory, 'master.sock')
  }

  #socket(generation: number): string {
    return join(this.directory, `w${generation}.sock`)
  }

  get ready(): boolean {
    return this.#process.status().state === 'ready'
  }

  status(): ComponentStatus {
    return this.#process.status()
  }

  lastLines(): string[] {
    return this.#process.lastLines()
  }

  /**
   * Ends what a former process of ours started in this directory and could not end, because it was killed itself: it would
   * still have the port.
   */
  async endFormer(): Promise<void> {
    const processes = await ask(this.#master, 'show proc').catch(() => '')
    const [, pid] = /^(\d+)\s+master\s/m.exec(processes) ?? []
    if (pid === undefined) return
    this.#options.logger.warn({ pid: Number(pid) }, 'HAProxy of a former start still runs and is ended')
    await stopGroup(Number(pid), { signal: 'SIGTERM', deadlineMs: FORMER_MS, clock: this.#options.clock })
  }

  /** Rejects with GATEWAY_HAPROXY_CONFIGURATION_REFUSED before anything is started. */
  async start(): Promise<void> {
    await this.#write()
    await checkConfiguration(this.#options.program, this.#configuration)
    this.#process.start()
    await this.#process.whenReady()
  }

  whenReady(): Promise<void> {
    return this.#process.whenReady({ patient: true })
  }

  /** The files of the next start or reload; resolves with its stats socket. */
  async #write(): Promise<string> {
    const { files, configuration } = this.#options.render()
    const socket = this.#socket(++this.#generation)
    await rm(socket, { force: true })
    const all = { ...files, 'haproxy.cfg': configuration(socket) }
    for (const [name, text] of Object.entries(all)) {
      const file = join(this.directory, name)
      await writeFile(`${file}.new`, text, { mode: 0o600 })
      await rename(`${file}.new`, file)
    }
    return socket
  }

  /** Of the worker that serves. */
  ask(command: string): Promise<string> {
    return ask(this.#socket(this.#current), command)
  }

  /**
   * A new worker with what is rendered now; it takes the listening sockets over, and the former one finishes what it has.
   * Resolves when the new one serves. Rejects with GATEWAY_HAPROXY_CONFIGURATION_REFUSED or GATEWAY_HAPROXY_RELOAD_FAILED; the
   * former one goes on then.
   */
  async reload(): Promise<void> {
    const former = this.#current
    const socket = await this.#write()
    const generation = this.#generation
    await checkConfiguration(this.#options.program, this.#configuration)
    await this.#options.leaving()
    await this.#askMaster('reload')
    const deadline = this.#options.clock.monotonic() + RELOAD_MS
    for (;;) {
      const answer = await ask(socket, 'show info').catch(() => '')
      if (answer !== '') break
      if (this.#options.clock.monotonic() > deadline) {
        const reason = this.lastLines().at(-1) ?? 'it says nothing'
        throw gatewayErrors.HAPROXY_RELOAD_FAILED({ timeoutMs: RELOAD_MS, reason })
      }
      await this.#options.clock.sleep(POLL_MS)
    }
    this.#current = generation
    await rm(this.#socket(former), { force: true })
    await this.#options.started()
  }

  /** It replaces itself at the end of a start or reload, and does not listen for that moment. */
  async #askMaster(command: string): Promise<string> {
    const deadline = this.#options.clock.monotonic() + MASTER_MS
    for (;;) {
      try {
        return await ask(this.#master, command)
      } catch (error) {
        if (this.#options.clock.monotonic() > deadline || this.status().pid === undefined) throw error
        await this.#options.clock.sleep(POLL_MS)
      }
    }
  }

  /** `show stat` of every worker, former ones that still answer somebody included. By process id. */
  async statistics(): Promise<Map<number, StatRow[]>> {
    const processes = await this.#askMaster('show proc')
    const pids = [...processes.matchAll(/^(\d+)\s+worker\s/gm)].map(([, pid]) => Number(pid))
    const rows = await Promise.all(
      pids.map(
        async (pid) =>
          [pid, parseStatCsv(await this.#askMaster(`@!${pid} show stat`).catch(() => ''))] as const,
      ),
    )
    return new Map(rows.filter(([, each]) => each.length > 0))
  }

  /** Accepts nothing more, and ends when all is answered or after `deadlineMs`. */
  stop(deadlineMs: number): Promise<void> {
    return this.#process.stop({ deadlineMs })
  }

  /** Ends what `stop` waits for. */
  kill(): void {
    this.#process.kill()
  }

  removeFiles(): void {
    rmSync(this.directory, { recursive: true, force: true })
  }
}

function usable(directory: string | undefined): string {
  if (directory === undefined || Buffer.byteLength(directory) > MAX_DIRECTORY || !PLAIN.test(directory))
    return mkdtempSync(join(tmpdir(), 'millrace-haproxy-'))
  mkdirSync(directory, { recursive: true })
  // What is in it can command HAProxy.
  chmodSync(directory, 0o700)
  return directory
}
