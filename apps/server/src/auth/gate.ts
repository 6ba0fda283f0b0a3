export interface Gate {
  /** Runs when a place is free; throws what `refused` makes when too many are waiting already. */
  run<Result>(work: () => Promise<Result>): Promise<Result>
}

/** At most `concurrent` at once and `maxWaiting` in line, first come, first served. */
export function createGate(options: { concurrent: number; maxWaiting: number; refused: () => Error }): Gate {
  let running = 0
  const waiting: (() => void)[] = []
  return {
    run: async (work) => {
      if (running >= options.concurrent) {
        if (waiting.length >= options.maxWaiting) throw options.refused()
        // Whoever leaves hands over the place, so that nobody else can take it in between.
        await new Promise<void>((resolve) => waiting.push(resolve))
      } else running++
      try {
        return await work()
      } finally {
        const next = waiting.shift()
        if (next === undefined) running--
        else next()
      }
    },
  }
}
