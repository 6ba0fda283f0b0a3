import { closeSync, openSync, write, writeSync } from 'node:fs'
import { createLogger, type Logger } from '@millrace/core'

/** Lines that wait for the disk; those beyond it are lost. */
const MAX_WAITING = 4_194_304

export interface AccessLogFileOptions {
  path: string
  /** Told once when lines begin to be lost, and once when they are written again. */
  logger: Pick<Logger, 'error' | 'info'>
}

/**
 * Appends lines to a file, one write at a time. A disk that is full or fails loses lines, and nothing else: pino's own destination
 * throws then, and does not let its process end while it cannot write.
 */
export class AccessLogFile {
  readonly #logger: AccessLogFileOptions['logger']
  readonly #fd: number
  #waiting = ''
  #writing = false
  #losing = false
  readonly #flush = (): void => this.#end()

  /** Throws what opening the file throws. */
  constructor({ path, logger }: AccessLogFileOptions) {
    this.#logger = logger
    this.#fd = openSync(path, 'a')
    process.once('exit', this.#flush)
  }

  write(line: string): void {
    if (this.#waiting.length + line.length <= MAX_WAITING) this.#waiting += line
    if (!this.#writing) this.#next()
  }

  #next(): void {
    const lines = Buffer.from(this.#waiting)
    this.#waiting = ''
    this.#writing = lines.length > 0
    if (this.#writing) this.#append(lines)
  }

  #append(lines: Buffer): void {
    write(this.#fd, lines, (error, written) => {
      if (error === null && written < lines.length) return this.#append(lines.subarray(written))
      this.#report(error)
      return this.#next()
    })
  }

  #report(error: Error | null): void {
    if (this.#losing === (error !== null)) return
    this.#losing = error !== null
    if (error === null) this.#logger.info('the access log is written again')
    else this.#logger.error({ err: error }, 'the access log cannot be written: its lines are lost')
  }

  #end(): void {
    try {
      writeSync(this.#fd, this.#waiting)
    } catch {
      // The process ends: they are lost.
    }
  }

  /** What waits is written, where that is possible. */
  close(): void {
    process.removeListener('exit', this.#flush)
    this.#end()
    closeSync(this.#fd)
  }
}

/** The logger of an engine's requests. */
export const createAccessLog = (
  options: AccessLogFileOptions,
  bindings: Record<string, unknown> = {},
): Logger => createLogger({ destination: new AccessLogFile(options), bindings })
