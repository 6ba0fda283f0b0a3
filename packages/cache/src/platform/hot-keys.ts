import { z } from 'zod'
import { countOf, levelOf, type ReadWindow } from './metric-reads.ts'

const hotKey = z.object({
  service: z.string(),
  namespace: z.string(),
  key: z.string(),
  readsPerSecond: z.number(),
  /** Of all reads of the service; null: nothing was read in the window. */
  share: z.number().nullable(),
})

export const hotKeysSchema = z.object({ rows: z.array(hotKey) })

/** The keys that are read most, hottest first. */
export async function readHotKeys(window: ReadWindow, limit: number): Promise<z.infer<typeof hotKeysSchema>> {
  const [keys, hits, misses] = await Promise.all([
    levelOf(window, 'hotKeyReads', ['service', 'namespace', 'key']),
    countOf(window, 'hits', ['service']),
    countOf(window, 'misses', ['service']),
  ])
  const reads = (service: string): number =>
    [...hits, ...misses]
      .filter(({ labels }) => (labels.service ?? '') === service)
      .reduce((sum, { value }) => sum + value, 0) /
    (window.windowMs / 1_000)
  const rows = keys
    .filter(({ value }) => value > 0)
    .map(({ labels, value }) => {
      const service = labels.service ?? ''
      const all = reads(service)
      return {
        service,
        namespace: labels.namespace ?? '',
        key: labels.key ?? '',
        readsPerSecond: value,
        share: all > 0 ? Math.min(1, value / all) : null,
      }
    })
    .toSorted((a, b) => b.readsPerSecond - a.readsPerSecond)
    .slice(0, limit)
  return { rows }
}
