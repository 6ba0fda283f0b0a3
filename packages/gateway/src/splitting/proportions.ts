/** The standard normal's upper 0.1 %: what is called worse by chance alone is rare even when looked at every second. */
export const WORSE = 3.09
/** The upper 0.01 %: no margin protects a quantile that stands at a gap, such as between hits and misses of a cache. */
export const SLOWER = 3.72

export interface Proportion {
  of: number
  count: number
}

/** Agresti and Caffo (The American Statistician 54, 2000): a success and a failure more, so that none of few is not never. */
const adjusted = ({ of, count }: Proportion): { p: number; variance: number } => {
  const p = (count + 1) / (of + 2)
  return { p, variance: (p * (1 - p)) / (of + 2) }
}

/**
 * How many standard errors the first proportion lies above the second by more than `margin`: the two-proportion z-test
 * with unpooled variances and a margin of non-inferiority.
 */
export function excessOver(first: Proportion, second: Proportion, margin: number): number {
  const [a, b] = [adjusted(first), adjusted(second)]
  return (a.p - b.p - margin) / Math.sqrt(a.variance + b.variance)
}

/** How many standard errors a proportion lies above a known one. */
export function excessOverKnown(measured: Proportion, known: number): number {
  const { p, variance } = adjusted(measured)
  return (p - known) / Math.sqrt(variance)
}
