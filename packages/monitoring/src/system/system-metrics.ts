import { availableParallelism, freemem, hostname, loadavg, totalmem } from 'node:os'
import type { MetricPoint } from '@millrace/core'
import {
  parseCpuMax,
  parseDiskstats,
  parseFlat,
  parseLimit,
  parseLoadavg,
  parseMeminfo,
  parseNetDev,
  parseStat,
  type CpuTimes,
} from './parse.ts'

/** Where kernel files come from; `ProcFiles`, or a table in tests. */
export interface FileSource {
  read(path: string): string | undefined
}

const CGROUP = '/sys/fs/cgroup'

/**
 * The machine's numbers as points of the service `system`: `/proc` on Linux with the limits of the container (cgroup
 * v2 and v1), elsewhere what Node knows, which is memory and load.
 */
export class SystemMetrics {
  readonly #files: FileSource
  readonly #labels = { service: 'system', instance: hostname() }
  #cpu = new Map<string, CpuTimes>()
  #cgroupCpu: { usage: number; at: number } | undefined
  readonly #totals = new Map<string, number>()

  constructor(files: FileSource) {
    this.#files = files
  }

  /** Counters and utilisation begin with the second call. */
  collect(at: number): MetricPoint[] {
    const points: MetricPoint[] = []
    const gauge = (name: string, unit: string, value: number | undefined, labels = this.#labels): void => {
      if (value !== undefined && Number.isFinite(value))
        points.push({ name, kind: 'gauge', unit, labels, at, value })
    }
    const counter = (name: string, total: number): void => {
      const before = this.#totals.get(name)
      this.#totals.set(name, total)
      // A smaller total is a device that went away or came anew: nothing is known about the interval.
      if (before === undefined || total < before) return
      points.push({ name, kind: 'counter', unit: 'By', labels: this.#labels, at, value: total - before })
    }
    this.#collectCpu(at, gauge)
    this.#collectMemory(gauge)
    const load = this.#files.read('/proc/loadavg')
    const { load1, threads } =
      load === undefined ? { load1: loadavg()[0], threads: undefined } : parseLoadavg(load)
    gauge('system_load_1m', '1', load1)
    gauge('system_threads', '1', threads)
    const disks = this.#files.read('/proc/diskstats')
    if (disks !== undefined) {
      const { read, written } = parseDiskstats(disks)
      counter('system_disk_read_bytes_total', read)
      counter('system_disk_written_bytes_total', written)
    }
    const network = this.#files.read('/proc/net/dev')
    if (network !== undefined) {
      const { received, sent } = parseNetDev(network)
      counter('system_network_receive_bytes_total', received)
      counter('system_network_transmit_bytes_total', sent)
    }
    const open = this.#files.read('/proc/sys/fs/file-nr')?.split(/\s+/)[0]
    gauge('system_open_files', '1', open === undefined ? undefined : Number(open))
    return points
  }

  #collectCpu(at: number, gauge: Gauge): void {
    const stat = this.#files.read('/proc/stat')
    if (stat === undefined) return
    const now = parseStat(stat)
    const quota = parseCpuMax(this.#files.read(`${CGROUP}/cpu.max`))
    for (const [name, times] of now) {
      const before = this.#cpu.get(name)
      if (before === undefined || times.total <= before.total) continue
      const ratio = Math.max(0, Math.min(1, (times.busy - before.busy) / (times.total - before.total)))
      if (name !== 'cpu') {
        gauge('system_cpu_core_utilization_ratio', '1', ratio, {
          ...this.#labels,
          core: name.slice(3),
        } as never)
      } else if (quota === undefined) gauge('system_cpu_utilization_ratio', '1', ratio)
    }
    this.#cpu = now
    gauge('system_cpu_limit', '1', quota ?? availableParallelism())
    if (quota !== undefined) gauge('system_cpu_utilization_ratio', '1', this.#quotaUtilization(at, quota))
  }

  /** In a container with a CPU quota, 100 % is the quota and not the machine. */
  #quotaUtilization(at: number, quota: number): number | undefined {
    const usage = parseFlat(this.#files.read(`${CGROUP}/cpu.stat`), 'usage_usec')
    const before = this.#cgroupCpu
    this.#cgroupCpu = usage === undefined ? undefined : { usage, at }
    if (usage === undefined || before === undefined || at <= before.at) return undefined
    return Math.max(0, Math.min(1, (usage - before.usage) / 1_000 / (at - before.at) / quota))
  }

  #collectMemory(gauge: Gauge): void {
    const text = this.#files.read('/proc/meminfo')
    const info = text === undefined ? new Map<string, number>() : parseMeminfo(text)
    const machine = info.get('MemTotal') ?? totalmem()
    const limit =
      parseLimit(this.#files.read(`${CGROUP}/memory.max`)) ??
      parseLimit(this.#files.read(`${CGROUP}/memory/memory.limit_in_bytes`))
    const limited = limit !== undefined && limit < machine
    gauge('system_memory_total_bytes', 'By', limited ? limit : machine)
    const used = limited ? this.#cgroupMemory() : machine - (info.get('MemAvailable') ?? freemem())
    gauge('system_memory_used_bytes', 'By', used)
    gauge('system_memory_cached_bytes', 'By', info.get('Cached'))
    const swap = info.get('SwapTotal')
    gauge('system_swap_used_bytes', 'By', swap === undefined ? undefined : swap - (info.get('SwapFree') ?? 0))
  }

  /** Without the file cache that the kernel would give back first. */
  #cgroupMemory(): number | undefined {
    const current =
      parseLimit(this.#files.read(`${CGROUP}/memory.current`)) ??
      parseLimit(this.#files.read(`${CGROUP}/memory/memory.usage_in_bytes`))
    if (current === undefined) return undefined
    const stat = this.#files.read(`${CGROUP}/memory.stat`) ?? this.#files.read(`${CGROUP}/memory/memory.stat`)
    const inactive = parseFlat(stat, 'inactive_file') ?? parseFlat(stat, 'total_inactive_file') ?? 0
    return Math.max(0, current - inactive)
  }
}

type Gauge = (
  name: string,
  unit: string,
  value: number | undefined,
  labels?: { service: string; instance: string },
) => void
