import type { Clock } from '../clock/clock.ts'
import { systemClock } from '../clock/clock.ts'
import type { Logger } from '../logger/logger.ts'
import { formatCommand } from './command.ts'
import { processErrors } from './errors.ts'
import { describeExit, describeSpawnError, spawnLaunch } from './launch.ts'
import { readLines } from './lines.ts'
import { signalGroup, stopGroup } from './process-group.ts'
import type { RunFiles } from './run-file.ts'

export interface RunCommandOptions {
  command: readonly string[]
  cwd?: string
  env: Record<string, string | undefined>
  uid?: number
  gid?: number
  /** Default 10 minutes; then its whole group is ended. */
  timeoutMs?: number
  signal?: AbortSignal
  logger: Logger
  clock?: Clock
  runFiles?: RunFiles
  /** What the command leaves running is killed when it ends. Default: it stays. */
  endGroup?: boolean
  /** Default: logged at info. */
  onLine?: (line: string, stream: 'stdout' | 'stderr') => void
}

const KEPT_LINES = 20

/** Runs a command to its end. Rejects with PROCESS_COMMAND_FAILED and its last 20 lines unless it exits with 0. */
export async function runCommand(options: RunCommandOptions): Promise<void> {
  const { command, logger, clock = systemClock, timeoutMs = 600_000 } = options
  options.signal?.throwIfAborted()
  const child = spawnLaunch({ ...options, readiness: { kind: 'spawned' } }, options.runFiles)
  const lines: string[] = []
  const fail = (reason: string): Error =>
    processErrors.COMMAND_FAILED({ command: formatCommand(command), reason, output: lines })
  const pid = child.pid
  if (pid === undefined) {
    const error = await new Promise<Error>((resolve) => child.once('error', resolve))
    throw fail(describeSpawnError(error, command[0]!, options.cwd))
  }
  options.runFiles?.add(formatCommand(command), pid)
  for (const stream of ['stdout', 'stderr'] as const) {
    readLines(child[stream]!, (line) => {
      lines.push(line)
      if (lines.length > KEPT_LINES) lines.shift()
      if (options.onLine) options.onLine(line, stream)
      else logger.info({ stream }, line)
    })
  }
  let interrupted: string | undefined
  const interrupt = (reason: string): void => {
    interrupted ??= reason
    void stopGroup(pid, { signal: 'SIGTERM', deadlineMs: 3_000, clock })
  }
  const onAbort = (): void => interrupt('was interrupted')
  const timer = setTimeout(() => interrupt(`took longer than ${timeoutMs / 1000} s`), timeoutMs)
  options.signal?.addEventListener('abort', onAbort, { once: true })
  try {
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
      child.once('close', (code, signal) => resolve([code, signal]))
      // Its number cannot belong to another group yet: those that it left are in it.
      if (options.endGroup) child.once('exit', () => signalGroup(pid, 'SIGKILL'))
      // Something it left running may hold the pipes open for ever: its own end is what counts.
      child.once('exit', (code, signal) => void clock.sleep(1_000).then(() => resolve([code, signal])))
    })
    if (interrupted !== undefined) throw fail(interrupted)
    if (code !== 0) throw fail(describeExit(code, signal))
  } finally {
    clearTimeout(timer)
    options.signal?.removeEventListener('abort', onAbort)
    options.runFiles?.remove(pid)
  }
}
