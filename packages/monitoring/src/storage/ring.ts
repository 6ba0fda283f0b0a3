import type { MetricKind } from '@millrace/core'
import { decodeChunk } from './chunk-codec.ts'
import { CounterRing } from './counter-ring.ts'
import { GaugeRing } from './gauge-ring.ts'
import { HistogramRing } from './histogram-ring.ts'
import type { Tier } from './tiers.ts'

export type Ring = CounterRing | GaugeRing | HistogramRing

export function createRing(kind: MetricKind, tier: Tier): Ring {
  if (kind === 'counter') return new CounterRing(tier)
  return kind === 'gauge' ? new GaugeRing(tier) : new HistogramRing(tier)
}

/** Puts a stored chunk back into a ring. It stays clean: storage has it. */
export function restoreChunk(ring: Ring, chunk: number, bytes: Uint8Array): void {
  const start = chunk * ring.tier.slotsPerChunk
  const dirty = [...ring.dirty]
  decodeChunk(bytes, {
    counter: (slot, value) => void (ring instanceof CounterRing && ring.add(start + slot, value)),
    gauge: (slot, value) => void (ring instanceof GaugeRing && ring.addSlot(start + slot, value)),
    histogram: (slot, value) => void (ring instanceof HistogramRing && ring.add(start + slot, value)),
  })
  ring.dirty.clear()
  for (const changed of dirty) ring.dirty.add(changed)
}
