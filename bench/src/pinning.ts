import { execFileSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

export function hasCommand(name: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore', env: withSbin() })
    return true
  } catch {
    return false
  }
}

/** Debian keeps nginx and haproxy where only root's PATH looks. */
export const withSbin = (): NodeJS.ProcessEnv => ({
  ...process.env,
  PATH: `${process.env.PATH ?? ''}:/usr/sbin:/usr/local/sbin`,
})

/** What to put before a command so that it keeps to one CPU; nothing where that cannot be done. */
export const pinnedTo = (cpu: number): string[] =>
  availableParallelism() > cpu && hasCommand('taskset') ? ['taskset', '-c', String(cpu)] : []
