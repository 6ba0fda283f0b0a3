import type { Clock } from '@millrace/core'

/** Attempts per address and user name within the window. */
export const ATTEMPTS_PER_USER = 10
/** Attempts per address over all names: guessing one password for many names is guessing, too. */
export const ATTEMPTS_PER_ADDRESS = 100
/**
 * Attempts per name over all addresses: whoever has many addresses, or may claim any (a process on this machine that sends
 * X-Forwarded-For as the gateway does), still guesses slowly. The price is that such an attacker can keep a name from signing
 * in for minutes; sessions, tokens and the command line are not affected.
 */
export const ATTEMPTS_PER_NAME = 100
export const WINDOW_MS = 5 * 60_000
/** Beyond this many keys the oldest are forgotten, so that memory stays bounded under attack. */
const MAX_KEYS = 10_000

export interface LoginLimit {
  /** Counts an attempt. Returns 0 when it may go on, else the milliseconds until the next one may. */
  attempt(address: string, userName: string): number
  /** Forgets the attempts of an address for a name that has signed in. */
  succeeded(address: string, userName: string): void
}

/** A sliding window over the attempts themselves; in memory, because a restart is nothing an attacker can cause. */
export function createLoginLimit(clock: Clock): LoginLimit {
  const attempts = new Map<string, number[]>()
  const userKey = (address: string, userName: string): string => `${address}\n${userName}`
  const nameKey = (userName: string): string => userKey('', userName)

  const waitFor = (key: string, limit: number, now: number): number => {
    const recent = (attempts.get(key) ?? []).filter((at) => at > now - WINDOW_MS)
    if (recent.length === 0) attempts.delete(key)
    else attempts.set(key, recent)
    const oldest = recent.at(-limit)
    return oldest === undefined ? 0 : oldest + WINDOW_MS - now
  }
  const note = (key: string, now: number): void => {
    const list = attempts.get(key) ?? []
    // Re-inserted, so that the map's order is that of the last attempt and its first key the oldest.
    attempts.delete(key)
    attempts.set(key, [...list, now])
    if (attempts.size > MAX_KEYS) attempts.delete(attempts.keys().next().value ?? key)
  }

  return {
    attempt: (address, userName) => {
      const now = clock.monotonic()
      const wait = Math.max(
        waitFor(userKey(address, userName), ATTEMPTS_PER_USER, now),
        waitFor(address, ATTEMPTS_PER_ADDRESS, now),
        waitFor(nameKey(userName), ATTEMPTS_PER_NAME, now),
      )
      // Refused attempts do not count: who keeps trying is not locked out for ever.
      if (wait > 0) return wait
      note(userKey(address, userName), now)
      note(address, now)
      note(nameKey(userName), now)
      return 0
    },
    succeeded: (address, userName) => void attempts.delete(userKey(address, userName)),
  }
}
