import { describe, expect, it } from 'vitest'
import { sampleConfig } from '../src/config.ts'
import { diskUsage, readDiskUsage } from '../src/disk/disk-usage.ts'
import { sampleRecommendations } from '../src/recommendations.ts'

describe('diskUsage', () => {
  it('counts what an unprivileged process can use', () => {
    // 100 blocks: 60 used, 40 free, of which 20 are the reserve of root.
    expect(diskUsage(4_096, 100, 40, 20)).toEqual({ totalBytes: 409_600, freeBytes: 81_920, usedRatio: 0.75 })
  })

  it('takes an empty file system for unused', () => {
    expect(diskUsage(4_096, 0, 0, 0).usedRatio).toBe(0)
  })

  it('names the folder it cannot read', async () => {
    await expect(readDiskUsage('/no/such/folder')).rejects.toMatchObject({
      code: 'SAMPLE_DISK_UNREADABLE',
      details: { folder: '/no/such/folder' },
    })
  })
})

describe('sampleRecommendations', () => {
  const config = sampleConfig.parse({})
  const at = (usedRatio: number): ReturnType<typeof sampleRecommendations> =>
    sampleRecommendations({ at: 0, usage: { totalBytes: 1, freeBytes: 1, usedRatio } }, config)

  it('warns above the limit only, and urgently when the disk is nearly full', () => {
    expect(at(0.9)).toEqual([])
    expect(at(0.91)).toMatchObject([{ id: 'sample.disk-filling', severity: 'warning' }])
    expect(at(0.98)).toMatchObject([{ severity: 'critical' }])
  })
})
