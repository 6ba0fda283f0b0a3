import type { Redis } from '@millrace/core/redis'

const held = new WeakSet<object>()

/**
 * What is sent to the servers in this turn of the event loop leaves in one write to each: under load, system calls are
 * half of what a command costs. Nothing waits for longer than the turn takes anyway.
 */
export function inOneWrite(servers: readonly Redis[]): void {
  for (const server of servers) {
    // There is none before the first connection.
    const stream = server.stream as Redis['stream'] | undefined
    if (stream === undefined || server.status !== 'ready' || held.has(stream)) continue
    held.add(stream)
    stream.cork()
    process.nextTick(() => {
      held.delete(stream)
      stream.uncork()
    })
  }
}
