import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { groupMembers } from './process-table.ts'

/** TCP_LISTEN in the kernel's table of sockets. */
const LISTEN = '0A'

/**
 * The TCP ports that processes of a group listen on, ascending: what an application did instead of what it was asked to.
 * Linux only (proc_pid_net(5)); elsewhere, and where it may not be read, empty.
 */
export function listeningPorts(groupId: number): number[] {
  const ports = new Set<number>()
  for (const pid of groupMembers(groupId)) {
    const own = socketsOf(pid)
    for (const table of ['tcp', 'tcp6']) {
      for (const { inode, port } of listeners(`/proc/${pid}/net/${table}`))
        if (own.has(inode)) ports.add(port)
    }
  }
  return [...ports].sort((a, b) => a - b)
}

function socketsOf(pid: number): Set<string> {
  const inodes = new Set<string>()
  try {
    for (const descriptor of readdirSync(`/proc/${pid}/fd`)) {
      const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${descriptor}`))?.[1]
      if (inode !== undefined) inodes.add(inode)
    }
  } catch {
    // Ended meanwhile, or not ours to look at.
  }
  return inodes
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

function listeners(table: string): { inode: string; port: number }[] {
  let text: string
  try {
    text = readFileSync(table, 'utf8')
  } catch {
    return []
  }
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === LISTEN)
    .map((fields) => ({ inode: fields[9]!, port: Number.parseInt(fields[1]!.split(':')[1]!, 16) }))
}
