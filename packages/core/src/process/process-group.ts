import type { Clock } from '../clock/clock.ts'
import { groupMembers } from './process-table.ts'

const POLL_MS = 20

/** Signals every process of a group; a group that is gone already is fine. */
export function signalGroup(groupId: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-groupId, signal)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ESRCH' && code !== 'EPERM') throw error
  }
}

/** Resolves with true when no member runs any more, with false when `deadlineMs` passed first. */
export async function waitForGroup(groupId: number, deadlineMs: number, clock: Clock): Promise<boolean> {
  const until = clock.monotonic() + deadlineMs
  while (groupMembers(groupId).length > 0) {
    if (clock.monotonic() >= until) return false
    await clock.sleep(POLL_MS)
  }
  return true
}

/**
 * Ends a whole process group: the signal, then SIGKILL for whoever is left after `deadlineMs`. Grandchildren count,
 * so `npm run x` and `sh -c` leave nothing behind. Returns whether force was needed.
 */
export async function stopGroup(
  groupId: number,
  options: { signal: NodeJS.Signals; deadlineMs: number; clock: Clock },
): Promise<{ forced: boolean }> {
  signalGroup(groupId, options.signal)
  if (await waitForGroup(groupId, options.deadlineMs, options.clock)) return { forced: false }
  signalGroup(groupId, 'SIGKILL')
  await waitForGroup(groupId, 5_000, options.clock)
  return { forced: true }
}
