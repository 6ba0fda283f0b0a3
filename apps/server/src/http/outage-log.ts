import type { Logger, MillraceError } from '@millrace/core'

export interface OutageLog {
  /** A route said openly that something is missing or away (an exposed error of 500 or above). */
  failed(route: string, error: MillraceError): void
  /** A route gave the answer it was asked for. */
  answered(route: string): void
}

/**
 * What is away is asked for again and again, by every process that sends metrics and every panel that is open. The log is told
 * when a route begins to say so and when it answers again; in between only at the level debug. Routes are patterns, hence few.
 */
export function createOutageLog(logger: Logger): OutageLog {
  const failing = new Map<string, string>()
  return {
    failed: (route, { code, message }) => {
      // Starting is no outage; it ends by itself or becomes one.
      if (code === 'SERVER_NOT_STARTED') return
      const known = failing.get(route) === code
      failing.set(route, code)
      logger[known ? 'debug' : 'warn']({ route, code }, message)
    },
    answered: (route) => {
      const code = failing.get(route)
      if (code === undefined) return
      failing.delete(route)
      logger.info({ route, code }, 'answers again')
    },
  }
}
