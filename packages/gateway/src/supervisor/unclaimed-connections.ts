import type { Worker } from 'node:cluster'

interface Handle {
  close(): void
}

interface HandedOver {
  act: 'newconn'
  seq: number
}

/**
 * Node's cluster keeps a copy of each connection until the worker says that it has it. One that dies before that never
 * does, the copy stays open, and the visitor would wait for ever: such connections are closed, so that he may try again
 * (lib/internal/cluster/round_robin_handle.js and utils.js of Node 24).
 */
export function closeUnclaimed(worker: Worker): void {
  const child = worker.process
  const unclaimed = new Map<number, Handle>()
  const send = child.send.bind(child) as (message: unknown, handle?: unknown, ...rest: unknown[]) => boolean
  child.send = ((message: unknown, handle?: unknown, ...rest: unknown[]) => {
    if (isHandedOver(message) && isHandle(handle)) unclaimed.set(message.seq, handle)
    return send(message, handle, ...rest)
  }) as typeof child.send
  child.on('internalMessage', (message: { ack?: number } | undefined) => {
    if (message?.ack !== undefined) unclaimed.delete(message.ack)
  })
  worker.once('exit', () => {
    for (const handle of unclaimed.values()) handle.close()
    unclaimed.clear()
  })
}

function isHandedOver(message: unknown): message is HandedOver {
  const { act, seq } = (message ?? {}) as Partial<HandedOver>
  return act === 'newconn' && typeof seq === 'number'
}

const isHandle = (handle: unknown): handle is Handle =>
  typeof (handle as Partial<Handle> | undefined)?.close === 'function'
