import type { Recommendation } from '@millrace/core'
import type { SampleConfig } from './config.ts'
import type { Reading } from './disk/disk-watch.ts'

const CRITICAL_RATIO = 0.97

/** Pure: the same reading always gives the same findings. */
export function sampleRecommendations(reading: Reading, config: SampleConfig): Recommendation[] {
  if ('error' in reading || reading.usage.usedRatio <= config.warnAboveRatio) return []
  const { usedRatio, freeBytes } = reading.usage
  return [
    {
      id: 'sample.disk-filling',
      severity: usedRatio > CRITICAL_RATIO ? 'critical' : 'warning',
      title: 'Free space on the disk of the data directory',
      why: `${Math.round(usedRatio * 100)} % of the disk is used; a full disk stops the database.`,
      evidence: [
        {
          metric: 'millrace_sample_disk_used_ratio',
          value: usedRatio,
          target: config.warnAboveRatio,
          source: `statfs, ${freeBytes} bytes free`,
        },
      ],
      impact: {
        metric: 'millrace_sample_disk_used_ratio',
        estimate: `below ${config.warnAboveRatio}`,
        confidence: 1,
      },
      difficulty: 'easy',
      verify: {
        metric: 'millrace_sample_disk_used_ratio',
        windowMs: config.intervalMs,
        keepIf: `it is at most ${config.warnAboveRatio}`,
      },
    },
  ]
}
