/**
 * Calls of a function per second of this process's CPU time, which other processes disturb less than wall time. For
 * `measure` of a benchmark whose contenders are functions. Runs for about `seconds`.
 */
export async function operationsPerCpuSecond(
  operation: () => unknown,
  seconds: number,
): Promise<{ perCpuSecond: number; operations: number }> {
  const batch = await batchSize(operation)
  const before = process.cpuUsage()
  const end = performance.now() + seconds * 1_000
  let operations = 0
  while (performance.now() < end) {
    for (let i = 0; i < batch; i++) {
      const result = operation()
      if (result instanceof Promise) await result
    }
    operations += batch
  }
  const { user, system } = process.cpuUsage(before)
  return { perCpuSecond: operations / ((user + system) / 1e6), operations }
}

/** As many calls as take about 5 ms, so that looking at the clock costs nothing. */
async function batchSize(operation: () => unknown): Promise<number> {
  for (let size = 1; ; size *= 2) {
    const startedAt = performance.now()
    for (let i = 0; i < size; i++) {
      const result = operation()
      if (result instanceof Promise) await result
    }
    if (performance.now() - startedAt > 5 || size >= 2 ** 20) return size
  }
}
