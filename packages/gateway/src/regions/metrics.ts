import type { MetricTable } from '@millrace/core/metrics'

/** Spread into the gateway's metrics. */
export const regionMetrics = {
  regionRequests: {
    kind: 'counter',
    unit: '1',
    help: 'Requests between regions: `forwarded` or `redirected` to a region, `received` from one, `refused` because what they carry is not signed by one',
    labels: ['region', 'outcome'],
  },
  regionUp: {
    kind: 'gauge',
    unit: '1',
    help: 'Whether a region answers: 1 or 0',
    labels: ['region'],
  },
  regionRoundTrip: {
    kind: 'gauge',
    unit: 's',
    help: 'Moving average of the time that a region takes to answer this one',
    labels: ['region'],
  },
} as const satisfies MetricTable
