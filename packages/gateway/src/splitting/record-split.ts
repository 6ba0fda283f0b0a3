import type { Exchange } from '../proxy/exchange.ts'
import type { Assignment } from './assignment.ts'

/** An exchange that is over, in the books of its part. */
export function recordSplit(
  exchange: Exchange,
  { split, part, fellBack }: Assignment,
  seconds: number,
): void {
  // What its own part did was recorded when it failed; the rescue says nothing about the other one.
  if (fellBack) return
  const { status } = exchange.writer
  const outcome = status === 499 ? 'left' : status >= 500 ? 'error' : 'ok'
  const { turn, context } = exchange
  context.splits.part(split.name, part.pool)?.record(outcome, seconds, turn?.served === true)
}
