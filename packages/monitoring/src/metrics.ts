import type { Instruments, MetricTable } from '@millrace/core/metrics'

export const monitoringMetrics = {
  points: { kind: 'counter', unit: '1', help: 'Points accepted' },
  rejected: {
    kind: 'counter',
    unit: '1',
    help: 'Points refused: invalid, too old, from the future, too many series, memory, or switched off',
    labels: ['reason'],
  },
  series: { kind: 'gauge', unit: '1', help: 'Series in memory' },
  memory: { kind: 'gauge', unit: 'By', help: 'Estimated memory of the samples' },
  flushDuration: { kind: 'histogram', unit: 's', help: 'Time to write what changed to PostgreSQL' },
  flushErrors: {
    kind: 'counter',
    unit: '1',
    help: 'Writes to PostgreSQL that failed and will be tried again',
  },
  droppedChunks: {
    kind: 'counter',
    unit: '1',
    help: 'Chunks lost because storage was away for too long',
  },
  queryDuration: {
    kind: 'histogram',
    unit: 's',
    help: 'Time to answer a range query',
    labels: ['resolution'],
  },
} as const satisfies MetricTable

export type MonitoringInstruments = Instruments<typeof monitoringMetrics>
