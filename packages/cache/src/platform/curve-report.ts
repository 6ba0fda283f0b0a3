import { z } from 'zod'
import { levelOf, type ReadWindow } from './metric-reads.ts'

const ratio = z.number().min(0).max(1)

const cacheCurve = z.object({
  service: z.string(),
  /** Reads that the estimate rests on; few samples, wide error. */
  samples: z.number(),
  /** The memory that each process may use now; null: not reported. */
  maxBytes: z.number().nullable(),
  /** Ascending by scale: a multiple of the present memory. */
  points: z.array(z.object({ scale: z.number().positive(), hitRatio: ratio })),
  half: ratio.nullable(),
  now: ratio.nullable(),
  twice: ratio.nullable(),
  verdict: z.enum(['grow', 'shrink', 'keep', 'wait']),
  /** The verdict in one sentence. */
  advice: z.string(),
})

export const curveSchema = z.object({ caches: z.array(cacheCurve) })

export type CacheCurve = z.infer<typeof cacheCurve>

/** Below this the estimate is mostly chance (SHARDS, Waldspurger et al., FAST 2015: a few thousand are enough). */
const ENOUGH_SAMPLES = 1_000
/** Points of hit ratio that twice the memory must bring to be worth it. */
const WORTH = 0.02
/** Points that half of the memory may cost and still be the better deal. */
const NEGLIGIBLE = 0.005

const percent = (value: number): string => `${(value * 100).toFixed(1)} %`

export function judgeCurve(
  curve: Pick<CacheCurve, 'samples' | 'half' | 'now' | 'twice'>,
): Pick<CacheCurve, 'verdict' | 'advice'> {
  const { samples, half, now, twice } = curve
  if (now === null || samples < ENOUGH_SAMPLES) {
    const seen = Math.round(samples).toLocaleString('en')
    const advice = `Wait: ${seen} sampled reads so far, an estimate takes ${ENOUGH_SAMPLES.toLocaleString('en')}.`
    return { verdict: 'wait', advice }
  }
  if (twice !== null && twice - now >= WORTH) {
    const advice = `Twice the memory would raise the hit ratio from ${percent(now)} to ${percent(twice)}.`
    return { verdict: 'grow', advice }
  }
  if (half !== null && now - half <= NEGLIGIBLE) {
    const advice = `Half of the memory would do: the hit ratio would be ${percent(half)} instead of ${percent(now)}.`
    return { verdict: 'shrink', advice }
  }
  const gain = twice === null ? '' : `: twice as much would bring ${percent(Math.max(0, twice - now))}`
  return { verdict: 'keep', advice: `The memory is about right${gain}.` }
}

/** The miss-ratio curves of every service, as its processes report them. */
export async function readCurves(window: ReadWindow): Promise<z.infer<typeof curveSchema>> {
  const [ratios, samples, limits] = await Promise.all([
    levelOf(window, 'curveHitRatio', ['service', 'scale'], 'avg'),
    levelOf(window, 'curveSamples', ['service']),
    levelOf(window, 'maxSize', ['service'], 'avg'),
  ])
  const of = (list: typeof samples, service: string): number | undefined =>
    list.find(({ labels }) => (labels.service ?? '') === service)?.value
  const services = [...new Set(ratios.map(({ labels }) => labels.service ?? ''))].toSorted()
  const caches = services.map((service) => {
    const points = ratios
      .filter(({ labels }) => (labels.service ?? '') === service)
      .map(({ labels, value }) => ({ scale: Number(labels.scale), hitRatio: clamp(value) }))
      .filter(({ scale }) => scale > 0 && Number.isFinite(scale))
      .toSorted((a, b) => a.scale - b.scale)
    const at = (scale: number): number | null =>
      points.find((point) => Math.abs(point.scale - scale) < 1e-6)?.hitRatio ?? null
    const known = { samples: of(samples, service) ?? 0, half: at(0.5), now: at(1), twice: at(2) }
    return { service, maxBytes: of(limits, service) ?? null, points, ...known, ...judgeCurve(known) }
  })
  return { caches }
}

const clamp = (value: number): number => Math.min(1, Math.max(0, value))
