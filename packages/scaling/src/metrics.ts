import type { MetricTable } from '@millrace/core/metrics'

export const scalingMetrics = {
  instances: {
    kind: 'gauge',
    unit: '1',
    help: 'Instances by state',
    labels: ['pool', 'state'],
  },
  restarts: {
    kind: 'gauge',
    unit: '1',
    help: 'Unplanned restarts of the running instances since each was started',
    labels: ['pool'],
  },
  changes: {
    kind: 'counter',
    unit: '1',
    help: 'Changes asked for, by kind',
    labels: ['pool', 'kind'],
  },
} as const satisfies MetricTable
