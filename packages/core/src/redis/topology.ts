import type { Cluster, Redis } from 'ioredis'
import type { Clock } from '../clock/clock.ts'

/** Between two looks at who serves what, while a server is missing. */
const LOOK_MS = 200

/**
 * Keeps a Cluster client up to date. ioredis forgets a server whose connection ended, and would learn of its successor
 * only from a MOVED that another server sends: here the slots are asked for again as soon as a server is lost, and
 * every master that appears is connected to before a command needs it. Returns how to end it.
 */
export function watchTopology(cluster: Cluster, clock: Clock): () => void {
  const ended = new AbortController()
  let looking = false
  const look = async (): Promise<void> => {
    if (looking) return
    looking = true
    try {
      await clock.sleep(LOOK_MS, ended.signal)
      if (cluster.status === 'ready') cluster.refreshSlotsCache(() => undefined)
    } catch {
      // Ended.
    } finally {
      looking = false
    }
  }
  const connect = (node: Redis): void => {
    if (cluster.status !== 'ready' || node.options.readOnly === true || node.status !== 'wait') return
    // What fails is told by the node's own events.
    node.connect().catch(() => undefined)
  }
  const onLost = (): void => void look()
  cluster.on('-node', onLost)
  cluster.on('+node', connect)
  return () => {
    ended.abort(new Error('closed'))
    cluster.off('-node', onLost)
    cluster.off('+node', connect)
  }
}
