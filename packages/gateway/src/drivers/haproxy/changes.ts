import { basename } from 'node:path'
import type { Clock, Logger } from '@millrace/core'
import type { EngineConfig } from '../../config.ts'
import type { GatewayTable } from '../driver.ts'
import { renderConfiguration, type Place } from './configuration.ts'
import type { HaproxyProcess, Rendered } from './haproxy-process.ts'
import { liveMaps } from './live-maps.ts'
import { documentsMap } from './response-documents.ts'
import { mapText } from './routes-map.ts'
import { Running } from './running.ts'
import { script } from './script.ts'
import type { Server } from './servers.ts'
import type { Traffic } from './traffic.ts'

export interface ChangesOptions {
  config: EngineConfig
  clock: Clock
  logger: Logger
  /** What HAProxy is to run with now. */
  table: () => GatewayTable
  /** Beside those of the table, by name. */
  files: () => Record<string, string>
}

/** What HAProxy runs with, and one change after the other. */
export class Changes {
  readonly drained = new Set<string>()
  readonly #options: ChangesOptions
  #process: HaproxyProcess | undefined
  #place: Place | undefined
  #running: Running | undefined
  /** What the files of the last start or reload say. */
  #rendered: Running | undefined
  #work: Promise<void> = Promise.resolve()
  #closed = false

  constructor(options: ChangesOptions) {
    this.#options = options
  }

  begin(process: HaproxyProcess, place: Place): void {
    this.#process = process
    this.#place = place
  }

  end(): void {
    this.#closed = true
  }

  /** What a new worker is to run with: the present table. */
  render(): Rendered {
    const { config, files } = this.#options
    const [place, drained] = [this.#place!, new Set(this.drained)]
    const table = this.#options.table()
    this.#rendered = new Running(table, config, place, drained)
    const maps = liveMaps(table, config, place.files, drained)
    return {
      files: {
        'gateway.lua': script(table, place.files),
        ...Object.fromEntries([...maps].map(([file, entries]) => [basename(file), mapText(entries)])),
        'documents.map': documentsMap(config),
        ...files(),
      },
      configuration: (socket) => renderConfiguration(table, config, place, socket, drained),
    }
  }

  /** A worker runs with what was rendered last. */
  async started(): Promise<void> {
    this.#running = this.#rendered!
    for (const command of this.#running.settle()) await this.#process!.ask(command)
  }

  /** One after the other; resolves when HAProxy runs with it. */
  change(prepare: () => void): Promise<void> {
    return this.#then(async () => {
      prepare()
      if (this.#process !== undefined && !this.#closed) await this.#apply(this.#process)
    })
  }

  /** A new worker with the present state, without a refused or broken request. */
  reload(): Promise<void> {
    return this.#then(async () => {
      if (this.#process === undefined || this.#closed) return
      if (!this.#process.ready) await this.#process.whenReady()
      await this.#process.reload()
    })
  }

  #then(work: () => Promise<void>): Promise<void> {
    const done = this.#work.then(work)
    this.#work = done.catch(() => undefined)
    return done
  }

  /** What was asked for until now is in force. */
  settled(): Promise<void> {
    return this.#work
  }

  async #apply(process: HaproxyProcess): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      if (!process.ready) await process.whenReady()
      try {
        const ask = (command: string): Promise<string> => process.ask(command)
        if (!(await this.#running!.become(this.#options.table(), this.drained, ask))) await process.reload()
        return
      } catch (error) {
        // It ended meanwhile, and comes back with the present table.
        if (process.ready && attempt > 1) throw error
        this.#options.logger.warn({ err: error }, 'HAProxy did not take a change and is reloaded')
        if (process.ready) {
          await process.reload()
          return
        }
      }
    }
  }

  state(section: string, server: string): Server['state'] {
    return this.#running?.state(section, server) ?? 'maint'
  }

  /** Servers of no table any more that have nothing in flight. */
  async removeIdle(traffic: Traffic): Promise<void> {
    if (this.#closed) return
    await this.#running?.removeIdle(
      this.#options.clock.monotonic(),
      (section, server) => traffic.now(section, server, 'scur'),
      (command) => this.#process!.ask(command),
    )
  }
}
