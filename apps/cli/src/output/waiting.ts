import type { Terminal } from './terminal.ts'

/** Shows on a terminal that a long call is still under way, and for how long; says nothing about a short one. */
export async function whileWaiting<Value>(
  terminal: Terminal,
  what: string,
  work: Promise<Value>,
  quiet: boolean,
): Promise<Value> {
  if (quiet || !terminal.interactive) return work
  const from = performance.now()
  let shown = false
  const timer = setInterval(() => {
    shown = true
    terminal.err(`\r  ${what} … ${Math.round((performance.now() - from) / 1000)} s `)
  }, 1_000)
  try {
    return await work
  } finally {
    clearInterval(timer)
    if (shown) terminal.err('\r\u001B[K')
  }
}
