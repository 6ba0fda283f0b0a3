import type { Logger } from './logger.ts'

const LEVELS: Record<number, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
}

/**
 * Logs a line that a process of ours wrote as pino JSON, at its own level; any other line as it stands. `logger` says
 * which component it belongs to; the process's own `component` becomes `part`, unless that is `name` again.
 */
export function forwardLog(logger: Logger, name: string, line: string, stream: 'stdout' | 'stderr'): void {
  const entry = parse(line)
  const level = LEVELS[entry?.['level'] as number]
  if (entry === undefined || level === undefined) {
    logger[stream === 'stdout' ? 'info' : 'warn'](line)
    return
  }
  const { level: _level, time: _time, pid: _pid, msg, component: part, ...fields } = entry
  logger[level](
    part === undefined || part === name ? fields : { part, ...fields },
    typeof msg === 'string' ? msg : '',
  )
}

function parse(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return undefined
  }
}
