import { createLogger } from '@millrace/core'
import { expect, test } from 'vitest'
import { capabilityErrors, serverErrors } from '../../src/errors.ts'
import { createOutageLog } from '../../src/http/outage-log.ts'

test('an outage is told once when it begins and once when it ends, per route', () => {
  const lines: { level: number; code: string; route: string; err?: unknown }[] = []
  const destination = { write: (line: string) => void lines.push(JSON.parse(line) as (typeof lines)[number]) }
  const outages = createOutageLog(createLogger({ destination }))
  const missing = capabilityErrors.MISSING({ capability: 'monitoring', part: 'POST /v1/metrics' })
  const told = () => lines.map(({ level, route, code }) => [level, route, code])

  outages.answered('GET /api/jobs')
  for (let push = 0; push < 100; push++) outages.failed('POST /v1/metrics', missing)
  expect(told()).toEqual([[40, 'POST /v1/metrics', 'CAPABILITY_MISSING']])
  expect(lines[0]).not.toHaveProperty('err')

  outages.failed('GET /api/jobs', serverErrors.NOT_STARTED({}))
  outages.failed('POST /v1/metrics', serverErrors.DATABASE_UNAVAILABLE({}))
  outages.answered('POST /v1/metrics')
  outages.answered('POST /v1/metrics')
  outages.failed('POST /v1/metrics', missing)
  expect(told().slice(1)).toEqual([
    [40, 'POST /v1/metrics', 'SERVER_DATABASE_UNAVAILABLE'],
    [30, 'POST /v1/metrics', 'SERVER_DATABASE_UNAVAILABLE'],
    [40, 'POST /v1/metrics', 'CAPABILITY_MISSING'],
  ])
})
