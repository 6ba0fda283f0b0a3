import { metric } from '@millrace/node'

metric.counter('signups', { plan: 'pro' }).add(2)
metric.gauge('sessions').set(5)
metric.histogram('order value', {}, { unit: '1', help: 'Value of an order.' }).record(12)
// Taken by another kind: ignored rather than thrown.
metric.gauge('signups_total').set(1)
process.on('beforeExit', () => process.stdout.write('"beforeExit"\n'))
