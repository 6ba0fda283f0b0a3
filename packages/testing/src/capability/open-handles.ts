// What an unclosed server, connection, child, watcher or timer shows as in `process.getActiveResourcesInfo()`, which lists only
// what keeps the process alive.
const KINDS = [
  'TCPServerWrap',
  'TCPSocketWrap',
  'TLSWrap',
  'UDPWrap',
  'PipeWrap',
  'ProcessWrap',
  'FSEventWrap',
  'StatWatcher',
  'Worker',
  'Timeout',
] as const

export type HandleCounts = Readonly<Record<string, number>>

/** How many of each kind of handle keep the process alive now. */
export function countHandles(): HandleCounts {
  const counts: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}

/** Kinds of which there are more now than before, with how many more. Empty when nothing was left open. */
export function handlesLeftSince(before: HandleCounts): Record<string, number> {
  const now = countHandles()
  const left: Record<string, number> = {}
  for (const kind of KINDS) {
    const more = (now[kind] ?? 0) - (before[kind] ?? 0)
    if (more > 0) left[kind] = more
  }
  return left
}
