import type { MetricTable } from '@millrace/core/metrics'

export const sampleMetrics = {
  diskFree: { kind: 'gauge', unit: 'By', help: 'Free space on the disk of the data directory' },
  diskUsedRatio: { kind: 'gauge', unit: '1', help: 'Share of that disk in use, 0 to 1' },
} as const satisfies MetricTable
