import { pino, type Logger as PinoLogger } from 'pino'

/** What code logs through. Injected everywhere; nothing below apps/ writes to the console. */
export type Logger = Pick<PinoLogger, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'child'>

/** Paths that never reach a log line, whatever a caller passes. */
export const REDACTED = [
  'password',
  'token',
  'secret',
  'authorization',
  'cookie',
  '*.password',
  '*.token',
  '*.secret',
  '*.authorization',
  '*.cookie',
  'headers.authorization',
  'headers.cookie',
  'req.headers.authorization',
  'req.headers.cookie',
]

export interface LoggerOptions {
  /** pino level. Default `info`. */
  level?: string
  /** Bound to every line: `{ component: 'gateway' }`. */
  bindings?: Record<string, unknown>
  /** File descriptor, path, or whoever takes each line of JSON. Default: standard output. */
  destination?: number | string | { write(line: string): void }
}

export function createLogger(options: LoggerOptions = {}): Logger {
  return pino(
    {
      level: options.level ?? 'info',
      base: { pid: process.pid, ...options.bindings },
      redact: { paths: REDACTED, censor: '[redacted]' },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    typeof options.destination === 'object'
      ? options.destination
      : pino.destination({ dest: options.destination ?? 1, sync: false }),
  )
}

/** Swallows everything; the default of libraries used without the platform. */
export const silentLogger: Logger = pino({ level: 'silent' })
