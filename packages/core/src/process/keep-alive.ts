const LONGEST_MS = 2 ** 31 - 1

/** The clock's timers never keep a process alive by themselves; supervising and stopping must. */
export async function keepAlive<Value>(work: Promise<Value>): Promise<Value> {
  const timer = setInterval(() => {}, LONGEST_MS)
  try {
    return await work
  } finally {
    clearInterval(timer)
  }
}
