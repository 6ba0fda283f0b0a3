import type { ChildProcess } from 'node:child_process'
import { on } from 'node:events'
import type { Clock } from '../clock/clock.ts'
import type { Launch } from './launch.ts'
import { pollReadiness } from './readiness.ts'

export interface ReadinessWait {
  timeoutMs: number
  clock: Clock
  /** Aborted when the process has ended or is being stopped. */
  over: AbortSignal
  /** With the host that answered, when one was asked. */
  onReady: (host: string | undefined) => void
}

/** Resolves with undefined when the process became ready or it is over, with the reason when it took too long. */
export async function awaitReadiness(
  child: ChildProcess,
  launch: Launch,
  { timeoutMs, clock, over, onReady }: ReadinessWait,
): Promise<string | undefined> {
  const late = new AbortController()
  const done = new AbortController()
  void clock.sleep(timeoutMs, done.signal).then(
    () => late.abort(new Error('late')),
    () => {},
  )
  try {
    const host = await untilReady(child, launch, clock, AbortSignal.any([late.signal, over]))
    if (!over.aborted) onReady(host)
    return undefined
  } catch {
    if (over.aborted) return undefined
    const { expectation } = launch
    const expected = typeof expectation === 'function' ? expectation(child.pid ?? 0) : expectation
    return `was not ready within ${timeoutMs / 1000} s${expected === undefined ? '' : `: ${expected}`}`
  } finally {
    done.abort()
  }
}

async function untilReady(
  child: ChildProcess,
  launch: Launch,
  clock: Clock,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { readiness } = launch
  if (readiness.kind !== 'message') return pollReadiness(readiness, clock, signal)
  // `on` keeps what arrives while we look at the one before: several messages may come out of one read of the channel, and
  // a listener that is attached again for each would miss all but the first.
  for await (const [message] of on(child, 'message', { signal }) as AsyncIterable<[unknown]>) {
    if (readiness.accept(message)) break
  }
  return undefined
}
