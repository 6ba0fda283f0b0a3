import { describe, expect, it } from 'vitest'
import { durationMs, monitoringConfig } from '../src/config.ts'
import { lastRange, parseTime } from '../src/time-range.ts'

const now = Date.UTC(2026, 0, 2)

describe('parseTime', () => {
  it.each([
    ['now', now],
    ['now-15m', now - 900_000],
    ['-6h', now - 21_600_000],
    ['-7d', now - 604_800_000],
    ['1700000000000', 1_700_000_000_000],
    ['2026-01-01T00:00:00Z', now - 86_400_000],
    [5, 5],
  ])('reads %s', (text, at) => expect(parseTime('from', text, now)).toBe(at))

  it.each(['yesterday', '-5x', '', 'now+1h', '2026-99-99'])('refuses %j', (text) =>
    expect(() => parseTime('from', text, now)).toThrow(
      expect.objectContaining({ code: 'MONITORING_TIME_INVALID' }),
    ),
  )

  it('reads a time range', () => expect(lastRange('24h', now)).toEqual({ from: now - 86_400_000, to: now }))
})

describe('the configuration', () => {
  it('reads durations and refuses others', () => {
    expect(durationMs('30d')).toBe(30 * 86_400_000)
    expect(monitoringConfig.safeParse({ retention: { minutes: '1h' } }).success).toBe(false)
    expect(monitoringConfig.safeParse({ retention: { raw: '1.5d' } }).success).toBe(false)
    expect(monitoringConfig.parse({}).retention).toEqual({ raw: '1d', minutes: '30d', hours: '400d' })
  })
})
