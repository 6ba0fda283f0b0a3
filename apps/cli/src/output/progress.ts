import type { Logger } from '@millrace/core'

export interface Progress {
  /** Says that something begins; the returned function says how it ended (`problem`: it failed) and how long it took. */
  step(what: string): (problem?: string) => void
}

const LONG_MS = 3_000

/** One line when a step ends, and one before that when it takes long. */
export function textProgress(write: (line: string) => void, color: boolean): Progress {
  const paint = (code: number, text: string): string => (color ? `\u001B[${code}m${text}\u001B[0m` : text)
  return {
    step: (what) => {
      const from = performance.now()
      const timer = setTimeout(() => write(paint(2, `  … ${what}`)), LONG_MS)
      return (problem) => {
        clearTimeout(timer)
        const seconds = ((performance.now() - from) / 1000).toFixed(1)
        const mark = problem === undefined ? paint(32, '✓') : paint(31, '✗')
        write(
          `  ${mark} ${what.padEnd(24)} ${paint(2, `${seconds.padStart(5)} s`)}${problem === undefined ? '' : `  ${problem}`}`,
        )
      }
    },
  }
}

export function logProgress(logger: Logger): Progress {
  return {
    step: (what) => {
      const from = performance.now()
      return (problem) => {
        const durationMs = Math.round(performance.now() - from)
        if (problem === undefined) logger.info({ step: what, durationMs }, `${what} started`)
        else logger.error({ step: what, durationMs, problem }, `${what} did not start`)
      }
    },
  }
}
