/** The hit ratio of an LRU cache of so many bytes, by doing it: a list in two arrays. `keys` are small whole numbers. */
export function exactLru(
  keys: readonly number[],
  capacity: number,
  sizeOf = (_key: number): number => 1,
): number {
  const end = keys.reduce((largest, key) => Math.max(largest, key), 0) + 1
  const newer = new Int32Array(end + 1)
  const older = new Int32Array(end + 1)
  const held = new Uint8Array(end)
  // The ring's fixed point: the newest is older[end], the oldest newer[end].
  newer[end] = end
  older[end] = end
  let bytes = 0
  let hits = 0
  const unlink = (key: number): void => {
    newer[older[key]!] = newer[key]!
    older[newer[key]!] = older[key]!
  }
  for (const key of keys) {
    if (held[key] === 1) {
      hits++
      unlink(key)
    } else {
      held[key] = 1
      bytes += sizeOf(key)
    }
    const newest = older[end]!
    older[key] = newest
    newer[key] = end
    newer[newest] = key
    older[end] = key
    while (bytes > capacity) {
      const oldest = newer[end]!
      unlink(oldest)
      held[oldest] = 0
      bytes -= sizeOf(oldest)
    }
  }
  return hits / keys.length
}
