/** The middle value; the mean of the two middle ones of an even number. NaN of nothing. */
export function median(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Above 1 means that we are better, whichever direction is better for the metric. */
export const ratio = (ours: number, peer: number, better: 'higher' | 'lower'): number =>
  better === 'higher' ? ours / peer : peer / ours

/** Four significant digits: more is noise. */
export const rounded = (value: number): number => Number(value.toPrecision(4))

/** Item `i` of round `r` is item `(i + r) mod n`, so that nobody is always first or always after the same one. */
export const rotated = <Item>(items: readonly Item[], round: number): Item[] =>
  items.map((_, index) => items[(index + round) % items.length]!)
