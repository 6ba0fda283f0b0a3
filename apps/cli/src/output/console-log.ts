import { createLogger, type Logger } from '@millrace/core'

interface Line {
  level: number
  time: string
  msg?: string
  instance?: string
  component?: string
  part?: string
  err?: { message?: string; stack?: string }
  [field: string]: unknown
}

const HIDDEN = new Set([
  'level',
  'time',
  'msg',
  'pid',
  'instance',
  'component',
  'part',
  'stream',
  'err',
  'hostname',
])
const LABELS: Record<number, [label: string, color: number]> = {
  10: ['trace', 2],
  20: ['debug', 2],
  30: ['', 0],
  40: ['warning', 33],
  50: ['error', 31],
  60: ['fatal', 31],
}

/** A log line for people: time, who, what, and the remaining fields as `key=value`, always on one line. */
export function formatLine(json: string, color: boolean): string {
  const line = unwrapApplicationLine(JSON.parse(json) as Line)
  const paint = (code: number, text: string): string =>
    color && code > 0 && text !== '' ? `\u001B[${code}m${text}\u001B[0m` : text
  const [label, code] = LABELS[line.level] ?? ['', 0]
  const who = line.instance ?? line.part ?? line.component ?? 'millrace'
  const fields = Object.entries(line)
    .filter(([key, value]) => !HIDDEN.has(key) && value !== undefined)
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
  const problem = line.err?.message
  return [
    paint(2, new Date(line.time).toLocaleTimeString('en-GB')),
    paint(36, who.padEnd(14)),
    // What an application writes to standard error is mostly no warning.
    line.stream === undefined ? paint(code, label) : '',
    (line.msg ?? '').replaceAll(/\r?\n/g, ' ⏎ '),
    problem === undefined || problem === line.msg ? '' : paint(code, problem.replaceAll(/\r?\n/g, ' ⏎ ')),
    paint(2, fields.join(' ').replaceAll(/\r?\n/g, ' ⏎ ')),
  ]
    .filter((part) => part !== '')
    .join(' ')
}

/** An application that logs JSON itself: its message and level are what a person wants to see. */
function unwrapApplicationLine(line: Line): Line {
  if (line.instance === undefined || line.msg?.startsWith('{') !== true) return line
  try {
    const {
      msg,
      message = msg,
      level,
      time: _time,
      ...fields
    } = JSON.parse(line.msg) as Record<string, unknown>
    if (typeof message !== 'string') return line
    return { ...fields, ...line, msg: message, level: typeof level === 'number' ? level : line.level }
  } catch {
    return line
  }
}

/** Pretty lines on a terminal, JSON lines for everything else. */
export function createConsoleLogger(options: {
  level: string
  format: 'pretty' | 'json'
  color: boolean
  write: (text: string) => void
}): Logger {
  const { level, write, color } = options
  if (options.format === 'json') return createLogger({ level, destination: { write } })
  return createLogger({ level, destination: { write: (json) => write(`${formatLine(json, color)}\n`) } })
}
