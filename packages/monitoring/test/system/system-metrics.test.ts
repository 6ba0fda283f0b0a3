import { describe, expect, it } from 'vitest'
import { parseDiskstats, parseLimit, parseLoadavg, parseNetDev, parseStat } from '../../src/system/parse.ts'
import { ProcFiles } from '../../src/system/proc-files.ts'
import { SystemMetrics, type FileSource } from '../../src/system/system-metrics.ts'

const files = (table: Record<string, string>): FileSource => ({ read: (path) => table[path] })
const valuesOf = (points: ReturnType<SystemMetrics['collect']>): Record<string, unknown> =>
  Object.fromEntries(points.map(({ name, labels, value }) => [name + (labels['core'] ?? ''), value]))

const MEMINFO =
  'MemTotal:       1000 kB\nMemAvailable:    400 kB\nCached:          200 kB\nSwapTotal: 100 kB\nSwapFree: 90 kB\n'

describe('parsers', () => {
  it('read /proc/stat without waiting, stolen and guest time', () => {
    const times = parseStat('cpu  100 0 50 800 40 5 5 10 20 0\ncpu0 1 0 1 8 0 0 0 0 0 0\nintr 1\n')
    expect(times.get('cpu')).toEqual({ busy: 160, total: 1_010 })
    expect([...times.keys()]).toEqual(['cpu', 'cpu0'])
  })

  it('read network and disks without loopback and partitions', () => {
    const head = 'Inter-|\n face |\n'
    const net = `${head}    lo: 5 0 0 0 0 0 0 0 5 0\n  eth0: 100 1 0 0 0 0 0 0 200 1 0\n`
    expect(parseNetDev(net)).toEqual({ received: 100, sent: 200 })
    const disks = [
      ' 8 0 sda 1 0 10 0 1 0 20 0',
      ' 8 1 sda1 1 0 9 0 1 0 9 0',
      ' 259 0 nvme0n1 1 0 2 0 1 0 4 0',
      ' 7 0 loop0 1 0 8 0 1 0 8 0',
    ]
    expect(parseDiskstats(disks.join('\n'))).toEqual({ read: 12 * 512, written: 24 * 512 })
  })

  it('read load and limits', () => {
    expect(parseLoadavg('0.50 0.40 0.30 2/345 6789')).toEqual({ load1: 0.5, threads: 345 })
    expect([
      parseLimit('max\n'),
      parseLimit('9223372036854771712'),
      parseLimit('1048576\n'),
      parseLimit(undefined),
    ]).toEqual([undefined, undefined, 1_048_576, undefined])
  })
})

describe('SystemMetrics', () => {
  it('reports utilisation and transfer from the second reading on', () => {
    const table: Record<string, string> = {
      '/proc/stat': 'cpu  0 0 0 100 0 0 0 0\ncpu0 0 0 0 100 0 0 0 0\n',
      '/proc/meminfo': MEMINFO,
      '/proc/loadavg': '0.50 0.40 0.30 2/345 6789',
      '/proc/net/dev': 'a\nb\n eth0: 100 1 0 0 0 0 0 0 200 1\n',
      '/proc/sys/fs/file-nr': '1234\t0\t99999\n',
    }
    const metrics = new SystemMetrics(files(table))
    expect(valuesOf(metrics.collect(0))).toMatchObject({
      system_memory_total_bytes: 1_024_000,
      system_memory_used_bytes: 614_400,
      system_swap_used_bytes: 10_240,
      system_load_1m: 0.5,
      system_open_files: 1_234,
    })
    table['/proc/stat'] = 'cpu  30 0 0 170 0 0 0 0\ncpu0 30 0 0 170 0 0 0 0\n'
    table['/proc/net/dev'] = 'a\nb\n eth0: 160 1 0 0 0 0 0 0 50 1\n'
    const second = valuesOf(metrics.collect(2_000))
    expect(second).toMatchObject({
      system_cpu_utilization_ratio: 0.3,
      system_cpu_core_utilization_ratio0: 0.3,
    })
    expect(second).toMatchObject({ system_network_receive_bytes_total: 60 })
    // The device began again: its interval is unknown, and not negative.
    expect(second).not.toHaveProperty('system_network_transmit_bytes_total')
  })

  it('respects the limits of a container', () => {
    const table: Record<string, string> = {
      '/proc/stat': 'cpu  0 0 0 100 0 0 0 0\n',
      '/proc/meminfo': MEMINFO,
      '/sys/fs/cgroup/memory.max': '512000\n',
      '/sys/fs/cgroup/memory.current': '300000\n',
      '/sys/fs/cgroup/memory.stat': 'anon 1\ninactive_file 50000\n',
      '/sys/fs/cgroup/cpu.max': '50000 100000\n',
      '/sys/fs/cgroup/cpu.stat': 'usage_usec 1000000\nuser_usec 1\n',
    }
    const metrics = new SystemMetrics(files(table))
    expect(valuesOf(metrics.collect(1_000))).toMatchObject({
      system_memory_total_bytes: 512_000,
      system_memory_used_bytes: 250_000,
      system_cpu_limit: 0.5,
    })
    table['/sys/fs/cgroup/cpu.stat'] = 'usage_usec 1500000\nuser_usec 1\n'
    // Half a second of CPU in two, of half a CPU: half.
    expect(valuesOf(metrics.collect(3_000))).toMatchObject({ system_cpu_utilization_ratio: 0.5 })
  })

  it('works without /proc', () => {
    const values = valuesOf(new SystemMetrics(files({})).collect(0))
    expect(values['system_memory_total_bytes']).toBeGreaterThan(0)
  })

  it('reads this machine', () => {
    const source = new ProcFiles()
    try {
      const values = valuesOf(new SystemMetrics(source).collect(0))
      expect(values['system_memory_used_bytes']).toBeGreaterThan(0)
      expect(values['system_memory_total_bytes']).toBeGreaterThan(
        values['system_memory_used_bytes'] as number,
      )
    } finally {
      source.close()
    }
  })
})
