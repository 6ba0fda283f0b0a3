import type { Clock } from '@millrace/core'
import type { GatewayTable } from '../driver.ts'
import type { HaproxyProcess } from './haproxy-process.ts'
import type { Traffic } from './traffic.ts'

const POLL_MS = 20

/**
 * Ends HAProxy when all is answered, or after `deadlineMs`, and takes its files away. Idle visitors may send one more request for
 * `lingerMs`, and then are not waited for.
 */
export async function end(
  supervised: HaproxyProcess,
  of: { clock: Clock; traffic: Traffic; table: () => GatewayTable },
  { lingerMs, deadlineMs }: { lingerMs: number; deadlineMs: number },
): Promise<void> {
  const { clock, traffic, table } = of
  // The clock's pauses keep no process alive by themselves, and there are files to take away.
  const alive = setInterval(() => undefined, 60_000)
  try {
    const ended = { is: false }
    const stopped = supervised.stop(deadlineMs).finally(() => (ended.is = true))
    const lingerUntil = clock.monotonic() + Math.min(lingerMs, deadlineMs)
    while (!ended.is) {
      await clock.sleep(POLL_MS)
      if (clock.monotonic() < lingerUntil) continue
      const workers = await supervised.statistics().catch(() => undefined)
      if (workers === undefined) continue
      traffic.update(workers)
      if (traffic.inFlight(table()) === 0) supervised.kill()
    }
    await stopped
    supervised.removeFiles()
  } finally {
    clearInterval(alive)
  }
}
