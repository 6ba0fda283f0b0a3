/** Parsers of /proc and of cgroup files; see proc(5) and the kernel's Documentation/admin-guide/cgroup-v2.rst. */

export interface CpuTimes {
  busy: number
  total: number
}

/** `/proc/stat`: ticks of `cpu` (all) and of `cpu0`, `cpu1`, … Waiting for a disk and stolen time are not busy. */
export function parseStat(text: string): Map<string, CpuTimes> {
  const times = new Map<string, CpuTimes>()
  for (const line of text.split('\n')) {
    if (!line.startsWith('cpu')) break
    const [name = '', ...fields] = line.split(/\s+/)
    // Guest time is part of user time already: only the first eight count.
    const ticks = fields.slice(0, 8).map(Number)
    const total = ticks.reduce((sum, value) => sum + value, 0)
    times.set(name, { busy: total - (ticks[3] ?? 0) - (ticks[4] ?? 0) - (ticks[7] ?? 0), total })
  }
  return times
}

/** `/proc/meminfo`, in bytes. */
export function parseMeminfo(text: string): Map<string, number> {
  const values = new Map<string, number>()
  for (const [, name, kilobytes] of text.matchAll(/^(\w+):\s+(\d+) kB$/gm)) {
    values.set(name as string, Number(kilobytes) * 1_024)
  }
  return values
}

/** A cgroup limit: a number, or `max` for none; v1 writes a number near 2^63 for none. */
export function parseLimit(text: string | undefined): number | undefined {
  const value = Number(text?.trim().split(/\s+/)[0])
  return Number.isFinite(value) && value > 0 && value < 2 ** 60 ? value : undefined
}

/** `name value` lines, as in memory.stat and cpu.stat. */
export function parseFlat(text: string | undefined, name: string): number | undefined {
  const found = text === undefined ? null : new RegExp(`^${name} (\\d+)$`, 'm').exec(text)
  return found === null ? undefined : Number(found[1])
}

/** `cpu.max`: CPUs the cgroup may use, undefined without a quota. */
export function parseCpuMax(text: string | undefined): number | undefined {
  const [quota, period] = text?.trim().split(/\s+/).map(Number) ?? []
  return quota !== undefined && period !== undefined && quota > 0 && period > 0 ? quota / period : undefined
}

export interface Transfer {
  received: number
  sent: number
}

/** `/proc/net/dev`: bytes over every interface but loopback. */
export function parseNetDev(text: string): Transfer {
  const sum = { received: 0, sent: 0 }
  for (const line of text.split('\n').slice(2)) {
    const [name, counters] = line.split(':', 2)
    if (counters === undefined || name?.trim() === 'lo') continue
    const fields = counters.trim().split(/\s+/).map(Number)
    sum.received += fields[0] ?? 0
    sum.sent += fields[8] ?? 0
  }
  return sum
}

const SECTOR_BYTES = 512
// Partitions, loop devices, RAM disks and device-mapper targets show bytes that their disks show as well.
const NO_DISK = /^(loop|ram|zram|dm-|md|sr|fd)|^(sd|vd|hd|xvd)[a-z]+\d+$|^(nvme\d+n\d+|mmcblk\d+)p\d+$/

/** `/proc/diskstats`: bytes of whole disks. */
export function parseDiskstats(text: string): { read: number; written: number } {
  const sum = { read: 0, written: 0 }
  for (const line of text.split('\n')) {
    const fields = line.trim().split(/\s+/)
    const name = fields[2]
    if (name === undefined || NO_DISK.test(name)) continue
    sum.read += Number(fields[5] ?? 0) * SECTOR_BYTES
    sum.written += Number(fields[9] ?? 0) * SECTOR_BYTES
  }
  return sum
}

/** `/proc/loadavg`: `0.50 0.40 0.30 2/345 6789`. */
export function parseLoadavg(text: string): { load1: number; threads: number } {
  const [load1, , , tasks] = text.split(' ')
  return { load1: Number(load1), threads: Number(tasks?.split('/')[1]) }
}
