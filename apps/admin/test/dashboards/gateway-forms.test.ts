import { describe, expect, test } from 'vitest'
import { explainInput } from '../../src/dashboards/gateway/explain-form.ts'
import type { Split } from '../../src/dashboards/gateway/queries.ts'
import { splitButtons } from '../../src/dashboards/gateway/split-actions.tsx'

describe('what is asked about a request', () => {
  const form = { method: 'GET', url: '/cart', client: '', headers: '' }

  test('headers are lines; an address that was not given is not sent', () => {
    expect(explainInput({ ...form, headers: 'Cookie: a=1; b=2\n\naccept:*/*' })).toEqual({
      input: { method: 'GET', url: '/cart', headers: { cookie: 'a=1; b=2', accept: '*/*' } },
      problems: {},
    })
    expect(
      explainInput({ ...form, url: 'https://shop.example', client: ' 203.0.113.9 ' }).input,
    ).toMatchObject({
      url: 'https://shop.example',
      client: '203.0.113.9',
    })
  })

  test.each(['', 'cart', 'ftp://a/', '/with space'])('%j is no address', (url) => {
    expect(explainInput({ ...form, url }).problems.url).toBeDefined()
  })

  test('a line that is no header is named', () => {
    expect(explainInput({ ...form, headers: 'a: 1\nno header' }).problems.headers).toContain('no header')
  })
})

describe('what may be done about a split', () => {
  const parts = (first: number): Split['parts'] =>
    [first, 100 - first].map((share, index) => ({
      application: index === 0 ? 'blue' : 'green',
      share,
      requests: 0,
      errors: 0,
    }))
  const canary = (state: NonNullable<Split['canary']>['state']): Split => ({
    name: 'release',
    kind: 'canary',
    stable: 'blue',
    parts: parts(100),
    canary: { state, steps: [1, 100], step: 0, holdMs: 1 },
    decisions: [],
  })

  test.each([
    ['idle', ['Start…', 'Promote…']],
    ['running', ['Pause…', 'Promote…', 'Roll back…']],
    ['paused', ['Go on…', 'Promote…', 'Roll back…']],
    ['promoted', ['Roll back…']],
    ['rolled-back', ['Start…', 'Promote…']],
  ] as const)('a canary that is %s', (state, texts) => {
    expect(splitButtons(canary(state)).map(({ text }) => text)).toEqual(texts)
  })

  test('blue-green goes to the part that has nothing, and back; A/B is configured', () => {
    const split: Split = { name: 'x', kind: 'blue-green', stable: 'blue', parts: parts(100), decisions: [] }
    expect(splitButtons(split)).toMatchObject([{ action: 'switch', input: { split: 'x', to: 'green' } }])
    expect(splitButtons({ ...split, parts: parts(0), previous: 'blue' }).map(({ action }) => action)).toEqual(
      ['switch', 'canary-rollback'],
    )
    expect(splitButtons({ ...split, kind: 'ab' })).toEqual([])
  })
})
