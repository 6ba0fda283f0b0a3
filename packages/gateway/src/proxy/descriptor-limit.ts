import { readFileSync } from 'node:fs'

/** For the log, libraries, the table, the supervisor and a little of everything. */
const RESERVED = 64

/** How many files and sockets this process may have open (Linux; elsewhere unknown: Infinity). */
export function openFilesLimit(): number {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    return soft === undefined ? Infinity : Number(soft)
  } catch {
    return Infinity
  }
}

/**
 * How many visitors' connections can be served when each may need one to a backend as well. More would leave none for
 * the backends, and then nobody is served.
 */
export const visitorsWithin = (openFiles: number): number =>
  openFiles === Infinity ? Infinity : Math.max(1, Math.floor((openFiles - RESERVED) / 2))
