const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/**
 * One Ctrl-C arrives several times: from the terminal, which sends it to every process in the foreground, and from npm,
 * which passes it on. Only one that comes later than this is a second one.
 */
const ECHO_MS = 700

/** Calls `onFirst` for the first request to stop and `onAgain` for a later one. Returns the way to stop listening. */
export function onStopSignal(onFirst: (signal: NodeJS.Signals) => void, onAgain: () => void): () => void {
  let firstAt: number | undefined
  const handle = (signal: NodeJS.Signals): void => {
    if (firstAt === undefined) {
      firstAt = performance.now()
      onFirst(signal)
    } else if (performance.now() - firstAt > ECHO_MS) onAgain()
  }
  for (const signal of STOP_SIGNALS) process.on(signal, handle)
  return () => {
    for (const signal of STOP_SIGNALS) process.off(signal, handle)
  }
}

/**
 * A fault of ours must not leave processes behind. A rejection that nobody handled is reported and everything goes on:
 * ending the gateway for it would be the greater damage. After an exception nobody knows what state this is in.
 */
export function onFault(report: (error: unknown, ends: boolean) => void, stop: () => void): void {
  process.on('unhandledRejection', (error) => report(error, false))
  process.on('uncaughtException', (error) => {
    report(error, true)
    stop()
  })
}
