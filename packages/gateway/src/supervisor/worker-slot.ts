import type { ComponentStatus } from '@millrace/core'
import type { WorkerProcess } from './worker-process.ts'

/** A place for one worker, whichever process has it at the moment. */
export interface Slot {
  /** 1…n. */
  number: number
  current: WorkerProcess
  restarts: number
  /** Starts in a row that did not last. */
  attempt: number
  lastFailure?: { at: number; reason: string }
}

export function slotStatus(slot: Slot, address: string | undefined, closing: boolean): ComponentStatus {
  const { number, current, restarts, lastFailure } = slot
  const starting = restarts > 0 ? 'restarting' : 'starting'
  return {
    id: `gateway/${number}`,
    kind: 'worker',
    state: closing ? 'stopped' : current.readySince === undefined ? starting : 'ready',
    pid: current.pid,
    address,
    readySince: current.readySince,
    restarts,
    ...(lastFailure === undefined ? {} : { lastFailure }),
  }
}
