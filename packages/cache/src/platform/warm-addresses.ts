import type { Clock, Logger } from '@millrace/core'
import { z } from 'zod'

export const warmReportSchema = z.object({
  requested: z.number().int(),
  /** Answered below 400. */
  ok: z.number().int(),
  failed: z.number().int(),
  durationMs: z.number(),
  /** The first few that failed, with the reason. */
  failures: z.array(z.string()),
})

export type WarmReport = z.infer<typeof warmReportSchema>

export interface WarmAddressesOptions {
  concurrency: number
  timeoutMs: number
  signal: AbortSignal
  clock: Clock
  logger: Logger
  /** 0–1. */
  onProgress?: (fraction: number) => void
}

const MAX_FAILURES = 10

/**
 * Asks for each address as a visitor would, so that the caches on the way hold the answer: the gateway's, the application's and
 * an edge in front. Redirects are not followed: their targets are addresses of their own.
 */
export async function warmAddresses(
  urls: readonly string[],
  options: WarmAddressesOptions,
): Promise<WarmReport> {
  const { clock, signal, timeoutMs, concurrency, logger, onProgress } = options
  const startedAt = clock.monotonic()
  const failures: string[] = []
  let next = 0
  let ok = 0
  let done = 0
  const ask = async (url: string): Promise<void> => {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { 'user-agent': 'millrace-warming' },
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    })
    // To its end: what is cut off is not stored.
    for await (const _ of response.body ?? []);
    if (response.status >= 400) throw new Error(`answered ${response.status}`)
  }
  const work = async (): Promise<void> => {
    while (next < urls.length && !signal.aborted) {
      const url = urls[next++]!
      try {
        await ask(url)
        ok++
      } catch (error) {
        if (failures.length < MAX_FAILURES) failures.push(`${url}: ${(error as Error).message}`)
      }
      onProgress?.(++done / urls.length)
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, urls.length) }, work))
  const report = {
    requested: done,
    ok,
    failed: done - ok,
    durationMs: Math.round(clock.monotonic() - startedAt),
    failures,
  }
  logger.info(report, 'pages and files were asked for ahead of visitors')
  return report
}
