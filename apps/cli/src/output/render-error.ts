import { ApiError } from '@millrace/api-client'
import { MillraceError } from '@millrace/core'

/** What to do about errors of the control plane that the command line knows more about than the problem document. */
const ADVICE: Record<string, string> = {
  UNREACHABLE:
    'The applications keep serving meanwhile. Try again in a few seconds; the output of millrace up says more.',
  CORE_RUNTIME_UNAVAILABLE: 'Start the supervisor with: millrace up',
}

export interface RenderedError {
  code: string
  message: string
  status?: number
  details?: unknown
  advice?: string
}

export function describeError(error: unknown): RenderedError {
  if (error instanceof MillraceError || error instanceof ApiError) {
    const { code, message, status, details } = error
    return { code, message, status, details, ...(ADVICE[code] === undefined ? {} : { advice: ADVICE[code] }) }
  }
  if (error instanceof Error) return { code: 'INTERNAL', message: error.message }
  return { code: 'INTERNAL', message: String(error) }
}

/** For people: the message, which says what to do, then the code to search for. */
export function renderError(error: unknown, options: { color: boolean; debug: boolean }): string {
  const { code, message, advice } = describeError(error)
  const paint = (number: number, text: string): string =>
    options.color ? `\u001B[${number}m${text}\u001B[0m` : text
  const lines = [`${paint(31, 'error')} ${message}`]
  if (advice !== undefined) lines.push(advice)
  lines.push(paint(2, code))
  // An error without a code is a fault of ours: then the place matters.
  if ((options.debug || code === 'INTERNAL') && error instanceof Error && error.stack !== undefined) {
    lines.push(paint(2, error.stack))
  }
  return `${lines.join('\n')}\n`
}
