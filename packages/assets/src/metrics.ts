import {
  createInstruments,
  type Instruments,
  type MetricRegistry,
  type MetricTable,
} from '@millrace/core/metrics'

export const assetsMetrics = {
  images: {
    kind: 'counter',
    unit: '1',
    help: 'Answers by format and by result: memory, disk, shared, optimized, original, not_modified or an error code',
    labels: ['format', 'result'],
  },
  input: { kind: 'counter', unit: 'By', help: 'Bytes of the sources of images that were optimised' },
  output: { kind: 'counter', unit: 'By', help: 'Bytes of the results of optimisation', labels: ['format'] },
  served: { kind: 'counter', unit: 'By', help: 'Bytes of image bodies sent' },
  encodeDuration: {
    kind: 'histogram',
    unit: 's',
    help: 'From decoding to the encoded result, without waiting',
    labels: ['format'],
  },
  waitDuration: { kind: 'histogram', unit: 's', help: 'Time spent waiting for a turn' },
  fetchDuration: { kind: 'histogram', unit: 's', help: 'Fetching a source', labels: ['result'] },
  requestDuration: { kind: 'histogram', unit: 's', help: 'Whole request', labels: ['result'] },
  queued: { kind: 'gauge', unit: '1', help: 'Images waiting for their turn' },
  active: { kind: 'gauge', unit: '1', help: 'Images being encoded' },
  diskEntries: { kind: 'gauge', unit: '1', help: 'Results on disk' },
  diskSize: { kind: 'gauge', unit: 'By', help: 'Bytes of results on disk' },
} as const satisfies MetricTable

export type AssetsInstruments = Instruments<typeof assetsMetrics>

export const createAssetsInstruments = (registry: MetricRegistry): AssetsInstruments =>
  createInstruments(registry, 'assets', assetsMetrics)
