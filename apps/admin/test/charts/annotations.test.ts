import { expect, test } from 'vitest'
import { annotationNear, mergeAnnotations, type Annotation } from '../../src/charts/annotations.ts'
import { annotationOfAudit } from '../../src/charts/use-annotations.ts'

const scaled = (at: number): Annotation => ({ at, kind: 'scale', text: 'scaling.scale shop 3 by admin' })

test('what two sources tell is one line', () => {
  expect(mergeAnnotations([[scaled(5_000)], [scaled(5_400), scaled(1_000)]])).toEqual([
    scaled(1_000),
    scaled(5_000),
  ])
})

test('the nearest within reach', () => {
  const list = [scaled(1_000), scaled(5_000)]
  expect(annotationNear(list, 4_000, 2_000)).toEqual(scaled(5_000))
  expect(annotationNear(list, 20_000, 2_000)).toBeUndefined()
})

test('changes of the system become lines, reading and failures do not', () => {
  const entry = {
    id: '1',
    at: 5,
    actor: { kind: 'user' as const, name: 'ada', role: 'operator' as const },
    outcome: 'ok' as const,
    input: { pool: 'shop', instances: 3 },
  }
  expect(annotationOfAudit({ ...entry, action: 'scaling.scale' })).toEqual({
    at: 5,
    kind: 'scale',
    text: 'scaling.scale shop 3 by ada',
  })
  expect(annotationOfAudit({ ...entry, action: 'cache.purge' })?.kind).toBe('purge')
  const looked = { ...entry, action: 'cache.purge', input: { all: true, preview: true } }
  expect(annotationOfAudit(looked)).toBeUndefined()
  expect(annotationOfAudit({ ...entry, action: 'auth.login' })).toBeUndefined()
  expect(annotationOfAudit({ ...entry, action: 'scaling.scale', outcome: 'failed' })).toBeUndefined()
})
