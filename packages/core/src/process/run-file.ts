import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../clock/clock.ts'
import { systemClock } from '../clock/clock.ts'
import type { Logger } from '../logger/logger.ts'
import { keepAlive } from './keep-alive.ts'
import { stopGroup, waitForGroup } from './process-group.ts'
import { groupMembers, hasEnvironment, processIdentity } from './process-table.ts'

/** The variable by which a process that outlived its parents is recognised as ours. */
export const RUN_TOKEN_VARIABLE = 'MILLRACE_RUN'

interface RunRecord {
  id: string
  pid: number
  identity: string
  token: string
}

/**
 * One small file per running process in a folder, so that whoever starts next can end what a supervisor that was
 * killed left behind. Written synchronously: between `spawn` and the write nothing else happens.
 */
export class RunFiles {
  readonly token = randomBytes(12).toString('hex')
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
    mkdirSync(directory, { recursive: true })
  }

  add(id: string, pid: number): void {
    const identity = processIdentity(pid)
    if (identity === undefined) return
    const record: RunRecord = { id, pid, identity, token: this.token }
    const file = this.#file(pid)
    writeFileSync(`${file}.tmp`, JSON.stringify(record), { mode: 0o600 })
    renameSync(`${file}.tmp`, file)
  }

  remove(pid: number): void {
    rmSync(this.#file(pid), { force: true })
  }

  /**
   * Ends what earlier runs left: SIGTERM, SIGKILL after `deadlineMs`. A recorded pid that belongs to another process
   * by now is never touched: the start time must match, or the environment must carry the run's token.
   */
  async reap(logger: Logger, deadlineMs = 3_000, clock: Clock = systemClock): Promise<string[]> {
    const reaped = await keepAlive(
      Promise.all(
        readdirSync(this.#directory).map(async (name) => {
          const file = join(this.#directory, name)
          const record = readRecord(file)
          if (record?.token === this.token) return undefined
          const ended = record !== undefined && (await endOrphan(record, deadlineMs, clock))
          rmSync(file, { force: true })
          if (ended)
            logger.warn(
              { id: record.id, orphan: record.pid },
              'ended a process that an earlier run left behind',
            )
          return ended ? record.id : undefined
        }),
      ),
    )
    return reaped.filter((id) => id !== undefined)
  }

  #file(pid: number): string {
    return join(this.#directory, `${pid}.json`)
  }
}

function readRecord(file: string): RunRecord | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as RunRecord
  } catch {
    return undefined
  }
}

async function endOrphan(record: RunRecord, deadlineMs: number, clock: Clock): Promise<boolean> {
  if (processIdentity(record.pid) === record.identity) {
    await stopGroup(record.pid, { signal: 'SIGTERM', deadlineMs, clock })
    return true
  }
  // The leader is gone, its children may not be.
  const left = groupMembers(record.pid).filter((pid) => hasEnvironment(pid, RUN_TOKEN_VARIABLE, record.token))
  for (const pid of left) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended by itself.
    }
  }
  if (left.length > 0) await waitForGroup(record.pid, deadlineMs, clock)
  return left.length > 0
}
