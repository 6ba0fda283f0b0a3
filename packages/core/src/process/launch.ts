import { spawn, type ChildProcess } from 'node:child_process'
import type { Readiness } from './readiness.ts'
import { RUN_TOKEN_VARIABLE, type RunFiles } from './run-file.ts'

/** One start of a process. Made anew for each, so that a port taken meanwhile is replaced. */
export interface Launch {
  /** Executable and arguments. */
  command: readonly string[]
  cwd?: string
  /** Complete: nothing is inherited but what stands here. */
  env: Record<string, string | undefined>
  /** Opens Node's IPC channel. Default false. */
  ipc?: boolean
  /** Run as another user; needs root. */
  uid?: number
  gid?: number
  readiness: Readiness
  /** Said when the start times out: what the process (group) was expected to do. Asked while it still runs. */
  expectation?: string | ((groupId: number) => string)
}

/** Starts the leader of a process group of its own: a terminal's Ctrl-C reaches only the supervisor. */
export function spawnLaunch(launch: Launch, runFiles: RunFiles | undefined): ChildProcess {
  const [executable, ...args] = launch.command
  return spawn(executable!, args, {
    cwd: launch.cwd,
    env: { ...launch.env, ...(runFiles === undefined ? {} : { [RUN_TOKEN_VARIABLE]: runFiles.token }) },
    stdio: launch.ipc ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'pipe', 'pipe'],
    detached: true,
    ...(launch.uid === undefined ? {} : { uid: launch.uid }),
    ...(launch.gid === undefined ? {} : { gid: launch.gid }),
  })
}

export function describeExit(code: number | null, signal: NodeJS.Signals | null): string {
  return signal === null ? `exited with code ${code ?? 'unknown'}` : `was ended by ${signal}`
}

/** In words a person can act on; `command` is what could not be started. */
export function describeSpawnError(error: NodeJS.ErrnoException, command: string, cwd?: string): string {
  if (error.code === 'ENOENT') {
    return `cannot be started: there is no program ${JSON.stringify(command)} on the PATH${cwd === undefined ? '' : `, or no folder ${cwd}`}`
  }
  if (error.code === 'EACCES') return `cannot be started: ${command} is not executable`
  return `cannot be started: ${error.message}`
}
