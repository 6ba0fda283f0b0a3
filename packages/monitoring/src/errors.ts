import { AGGREGATES, defineErrors } from '@millrace/core'

export const monitoringErrors = defineErrors('MONITORING', {
  RANGE_INVALID: {
    status: 400,
    title: 'Invalid time range',
    message: (d: { from: number; to: number; maxDays: number }) =>
      `'from' (${d.from}) must be before 'to' (${d.to}), both in milliseconds since the epoch and at most ${d.maxDays} days apart.`,
  },
  TIME_INVALID: {
    status: 400,
    title: 'Invalid time',
    message: (d: { field: string; value: string }) =>
      `'${d.field}' is '${d.value}'; accepted are milliseconds since the epoch, an ISO 8601 time, 'now', or a time before now such as 'now-15m', '-6h' or '-7d'.`,
  },
  WIDTH_INVALID: {
    status: 400,
    title: 'Invalid width',
    message: (d: { width: number; max: number }) =>
      `'width' is ${d.width}; accepted are whole numbers from 1 to ${d.max}.`,
  },
  AGGREGATE_INVALID: {
    status: 400,
    title: 'Aggregate does not fit the metric',
    message: (d: { metric: string; kind: string; aggregate: string; accepted: readonly string[] }) =>
      `'${d.aggregate}' cannot be computed from the ${d.kind} '${d.metric}'; accepted: ${d.accepted.join(', ')}.`,
  },
  AGGREGATE_UNKNOWN: {
    status: 400,
    title: 'Unknown aggregate',
    message: (d: { aggregate: string }) => `'${d.aggregate}' is none of ${AGGREGATES.join(', ')}.`,
  },
  PATTERN_INVALID: {
    status: 400,
    title: 'Invalid pattern',
    message: (d: { label: string; pattern: string; reason: string }) =>
      `The pattern '${d.pattern}' for label '${d.label}' cannot be used: ${d.reason}.`,
  },
  RESULT_TOO_LARGE: {
    status: 400,
    title: 'Result too large',
    message: (d: { metric: string; series: number; max: number }) =>
      `'${d.metric}' has ${d.series} series for this question; at most ${d.max} are answered. Narrow it with 'where', or merge labels with 'by'.`,
  },
  NOT_MEASURED: {
    status: 503,
    title: 'Not measured yet',
    message: (d: { what: string; missing: string }) => `Nothing measures ${d.what}: ${d.missing}`,
    expose: true,
  },
  STORAGE_UNAVAILABLE: {
    status: 503,
    title: 'History unavailable',
    message: (d: { reason: string }) =>
      `The stored part of this range cannot be read: ${d.reason}. The most recent minutes are still answered.`,
    expose: true,
  },
})
