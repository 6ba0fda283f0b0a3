/** Where a command writes, and how. Injected, so that tests read what a person would. */
export interface Terminal {
  out: (text: string) => void
  err: (text: string) => void
  /** Standard output is a terminal: pretty logs. */
  interactive: boolean
  color: boolean
}

export function processTerminal(env: Readonly<Record<string, string | undefined>>): Terminal {
  const interactive = process.stdout.isTTY === true
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    interactive,
    // https://no-color.org
    color: interactive && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb',
  }
}
