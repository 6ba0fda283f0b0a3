import { createRandom } from '@millrace-store/store/data'
import { setTimeout as delay } from 'node:timers/promises'
import { Pool } from 'undici'
import { arrivals, createRate } from './arrivals.ts'
import { chooseJourney, REQUESTS_PER_VISIT } from './journeys.ts'
import type { TrafficOptions } from './options.ts'
import { Recorder, type Summary } from './report.ts'
import { createVisitor } from './visitor.ts'

const CONNECTIONS = 256
const REQUEST_TIMEOUT_MS = 15_000

/** More at once would measure this machine's memory instead of the store. */
const MAX_PRESENT = 5_000

export interface Progress {
  summary: Summary
  /** Visitors in the store. */
  present: number
  requestsPerSecond: number
}

/**
 * Lets visitors come, whether or not the store keeps up, until the duration is over or `signal` aborts: a partly open
 * system (Schroeder, Wierman and Harchol-Balter, "Open versus closed: a cautionary tale", 2006).
 */
export async function runTraffic(
  options: TrafficOptions,
  signal: AbortSignal,
  report: (progress: Progress) => void,
): Promise<Summary> {
  const recorder = new Recorder()
  const random = createRandom(options.seed)
  const client = new Pool(options.target.origin, {
    connections: CONNECTIONS,
    headersTimeout: REQUEST_TIMEOUT_MS,
    bodyTimeout: REQUEST_TIMEOUT_MS,
    connect: { timeout: REQUEST_TIMEOUT_MS },
  })
  const over = new AbortController()
  const stop = AbortSignal.any([signal, over.signal])
  const present = new Set<Promise<void>>()

  let counted = 0
  const ticker = setInterval(() => {
    const requestsPerSecond = recorder.requests - counted
    counted = recorder.requests
    report({ summary: recorder.summary(), present: present.size, requestsPerSecond })
  }, 1_000)

  const enter = (): void => {
    if (present.size >= MAX_PRESENT) {
      recorder.turnedAway++
      return
    }
    recorder.visitors++
    const own = createRandom(`${options.seed} ${recorder.visitors}`)
    const visitor = createVisitor({ client, recorder, random: own, thinkMs: options.thinkMs, signal: stop })
    const visit = chooseJourney(own.next())(visitor).finally(() => present.delete(visit))
    present.add(visit)
  }

  const started = performance.now()
  const rate = createRate({
    ...options,
    rate: options.rate / REQUESTS_PER_VISIT,
    random: createRandom(`${options.seed} rate`),
  })
  for (const seconds of arrivals(rate, random)) {
    const end = options.durationSeconds
    const due = Math.min(seconds, end ?? seconds) * 1_000 - (performance.now() - started)
    if (due > 0) await delay(due, undefined, { signal: stop }).catch(() => undefined)
    if (stop.aborted || (end !== undefined && seconds >= end)) break
    enter()
  }

  const summary = recorder.summary()
  clearInterval(ticker)
  over.abort()
  await Promise.allSettled(present)
  await client.destroy()
  return summary
}
