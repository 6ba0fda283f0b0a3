import { platformConfig } from '@millrace/core'
import { expect, it } from 'vitest'
import { gatewayConfig } from '../../src/config.ts'
import { checkTable } from '../../src/drivers/check-table.ts'
import { needsSecret, poolSettings } from '../../src/supervisor/pool-settings.ts'

const SECRET = 'a secret of enough characters'
const settings = (gateway: object, applications: object, name = 'shop') =>
  poolSettings(gatewayConfig.parse(gateway), platformConfig.parse({ applications }), name, SECRET)

it('nothing is on by itself', () => {
  expect(settings({}, { shop: { command: 'x' } })).toEqual({})
  expect(settings({}, {}, 'assets')).toEqual({})
})

it('what is switched on has defaults that a table accepts', () => {
  const pool = settings(
    { stickySessions: { enabled: true } },
    {
      shop: {
        command: 'x',
        protocol: 'http2',
        balance: 'two-choices',
        breaker: {},
        outlier: {},
        instanceRateLimit: { perSecond: 100, burst: 10 },
      },
    },
  )
  expect(pool).toEqual({
    protocol: 'http2',
    balance: 'two-choices',
    breaker: {
      errorRatio: 0.5,
      minRequests: 20,
      windowMs: 10_000,
      openMs: 30_000,
      steps: [10, 50, 100],
      panicShare: 0.5,
    },
    outlier: {
      consecutiveFailures: 5,
      maxEjectedShare: 0.5,
      baseEjectMs: 30_000,
      maxEjectMs: 300_000,
      serverErrors: false,
    },
    rateLimit: { perSecond: 100, burst: 10 },
    sticky: { kind: 'cookie', cookieName: 'lb-session', maxAgeMs: 3_600_000, secret: SECRET },
  })
  expect(() => checkTable({ routes: [], pools: [{ name: 'shop', backends: [], ...pool }] })).not.toThrow()
})

it('an application decides for itself, and several with sessions have cookies of their own', () => {
  const gateway = { stickySessions: { enabled: true, maxAgeMs: 60_000 } }
  const applications = {
    shop: { command: 'x' },
    blog: { command: 'x' },
    api: { command: 'x', sticky: 'off' },
  }
  expect(settings(gateway, applications).sticky).toMatchObject({
    cookieName: 'lb-session-shop',
    maxAgeMs: 60_000,
  })
  expect(settings(gateway, applications, 'blog').sticky).toMatchObject({ cookieName: 'lb-session-blog' })
  expect(settings(gateway, applications, 'api').sticky).toBeUndefined()
  const one = { shop: { command: 'x', sticky: 'cookie' }, blog: { command: 'x', sticky: 'ip' } }
  expect(settings({}, one).sticky).toMatchObject({ kind: 'cookie', cookieName: 'lb-session' })
  expect(settings({}, one, 'blog').sticky).toMatchObject({ kind: 'ip' })
})

it('a secret is wanted only where there is something to sign', () => {
  const needs = (gateway: object, applications: object): boolean =>
    needsSecret(gatewayConfig.parse(gateway), platformConfig.parse({ applications }))
  expect(needs({}, { shop: { command: 'x' } })).toBe(false)
  expect(needs({}, { shop: { command: 'x', sticky: 'ip' } })).toBe(false)
  expect(needs({}, { shop: { command: 'x', sticky: 'cookie' } })).toBe(true)
  expect(needs({ stickySessions: { enabled: true } }, { shop: { command: 'x', sticky: 'off' } })).toBe(false)
})

it('wrong values are refused where they are written', () => {
  const wrong = (application: object): boolean =>
    platformConfig.safeParse({ applications: { shop: { command: 'x', ...application } } }).success
  expect(wrong({ breaker: { errorRatio: 2 } })).toBe(false)
  expect(wrong({ breaker: { steps: [50, 10] } })).toBe(false)
  expect(wrong({ outlier: { baseEjectMs: 1_000, maxEjectMs: 10 } })).toBe(false)
  expect(wrong({ rateLimit: { perSecond: 0, burst: 1 } })).toBe(false)
  expect(wrong({ rateLimit: { perSecond: 1, burst: 1, by: 'header:' } })).toBe(false)
  expect(wrong({ rateLimit: { perSecond: 1, burst: 1, by: 'header:x-api-key' } })).toBe(true)
})
