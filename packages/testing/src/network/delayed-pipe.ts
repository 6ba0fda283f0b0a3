import type { Socket } from 'node:net'

/** What the network does to the bytes; shared by all connections of a proxy and read anew for every chunk. */
export interface Conditions {
  latencyMs: number
  /** Per connection and direction; Infinity: no limit. */
  bytesPerSecond: number
  /** Nothing passes; what was sent meanwhile arrives when it is over. */
  blackhole: boolean
}

/** So much waits in the pipe before the sender is held back, as a router's buffer would. */
const MAX_HELD_BYTES = 1024 * 1024
const SLICE_BYTES = 16 * 1024

/** Passes the bytes of one direction on, late and slowly as told. Returns a function to call when conditions change. */
export function delayedPipe(from: Socket, to: Socket, conditions: Conditions): () => void {
  const queue: { data: Buffer | undefined; arrived: number }[] = []
  let held = 0
  // When the line is free again after what was sent so far, at the bandwidth.
  let lineFreeAt = 0
  let timer: NodeJS.Timeout | undefined

  const pump = (): void => {
    clearTimeout(timer)
    timer = undefined
    while (queue.length > 0 && !conditions.blackhole && !to.destroyed) {
      const { data, arrived } = queue[0]!
      const wait = Math.max(arrived + conditions.latencyMs, lineFreeAt) - performance.now()
      if (wait > 0) {
        timer = setTimeout(pump, wait)
        return
      }
      queue.shift()
      if (data === undefined) {
        to.end()
        return
      }
      lineFreeAt = performance.now() + (data.length / conditions.bytesPerSecond) * 1_000
      held -= data.length
      to.write(data)
      if (held < MAX_HELD_BYTES && !to.writableNeedDrain) from.resume()
    }
  }

  from.on('data', (chunk: Buffer) => {
    const arrived = performance.now()
    for (let at = 0; at < chunk.length; at += SLICE_BYTES) {
      queue.push({ data: chunk.subarray(at, at + SLICE_BYTES), arrived })
    }
    held += chunk.length
    if (held >= MAX_HELD_BYTES) from.pause()
    pump()
  })
  from.on('end', () => {
    queue.push({ data: undefined, arrived: performance.now() })
    pump()
  })
  to.on('drain', () => {
    if (held < MAX_HELD_BYTES) from.resume()
  })
  to.on('close', () => clearTimeout(timer))
  return pump
}
