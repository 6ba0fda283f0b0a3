import type { Logger } from './logger.ts'

const LEVELS: Record<number, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
}

/** Logs a line that a process of ours wrote as pino JSON, at its own level; any other line as it stands. */
export function forwardLog(
  logger: Logger,
  component: string,
  line: string,
  stream: 'stdout' | 'stderr',
): void {
  if (line.startsWith('{')) {
    try {
      const { level, time: _time, pid: _pid, msg, ...fields } = JSON.parse(line) as Record<string, unknown>
      const name = LEVELS[level as number]
      if (name !== undefined) {
        logger[name]({ component, ...fields }, typeof msg === 'string' ? msg : '')
        return
      }
    } catch {
      // Not JSON after all.
    }
  }
  logger[stream === 'stdout' ? 'info' : 'warn']({ component }, line)
}
