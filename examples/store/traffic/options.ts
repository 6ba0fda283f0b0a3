import { parseArgs } from 'node:util'

export const USAGE = `Sends realistic visitors to the store.

  npm run traffic -- [options]

  --target <url>        where the store is (default http://127.0.0.1:3000)
  --rate <n>            requests per second on average (default 40)
  --duration <seconds>  how long (default: until Ctrl-C)
  --day-minutes <n>     how long one day takes, with its quiet night, busy evening and spikes; 0: always the same rate
                        (default 10)
  --seed <text>         another sequence of visitors (default tailrace)
  --think-ms <n>        mean pause between two pages of a visitor (default 900)
  --json                only the summary, as JSON
  --allow-remote        permit a target that is not this machine
`

export interface TrafficOptions {
  target: URL
  rate: number
  durationSeconds: number | undefined
  dayMinutes: number | undefined
  seed: string
  thinkMs: number
  json: boolean
}

/** What was wrong with the command line, in words for the person who typed it. */
export class UsageError extends Error {}

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

/** `undefined` when help is asked for. @throws UsageError */
export function parseOptions(args: readonly string[]): TrafficOptions | undefined {
  const { values } = read(args)
  if (values.help === true) return undefined
  const number = (name: keyof typeof values, fallback: number, min: number, max: number): number => {
    const text = values[name]
    const value = text === undefined ? fallback : Number(text)
    if (text === '' || !(value >= min && value <= max)) {
      throw new UsageError(`--${name} is '${String(text)}'; accepted: a number from ${min} to ${max}.`)
    }
    return value
  }
  const dayMinutes = number('day-minutes', 10, 0, 1_440)
  const duration = values.duration === undefined ? undefined : number('duration', 0, 0.1, 604_800)
  return {
    target: parseTarget(values.target ?? 'http://127.0.0.1:3000', values['allow-remote'] === true),
    rate: number('rate', 40, 0.01, 20_000),
    durationSeconds: duration,
    dayMinutes: dayMinutes === 0 ? undefined : dayMinutes,
    seed: values.seed ?? 'tailrace',
    thinkMs: number('think-ms', 900, 0, 600_000),
    json: values.json === true,
  }
}

const OPTIONS = {
  target: { type: 'string' },
  rate: { type: 'string' },
  duration: { type: 'string' },
  'day-minutes': { type: 'string' },
  seed: { type: 'string' },
  'think-ms': { type: 'string' },
  json: { type: 'boolean' },
  'allow-remote': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

function read(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true, allowPositionals: false })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function parseTarget(text: string, allowRemote: boolean): URL {
  const target = URL.canParse(text) ? new URL(text) : undefined
  if (target === undefined || (target.protocol !== 'http:' && target.protocol !== 'https:')) {
    throw new UsageError(`--target is '${text}'; accepted: an http or https address.`)
  }
  // Load on somebody else's machine is an attack unless it is meant.
  if (!allowRemote && !LOOPBACK.test(target.hostname)) {
    throw new UsageError(
      `--target ${target.hostname} is not this machine. Add --allow-remote if it is yours to load.`,
    )
  }
  return target
}
