import { expect, it } from 'vitest'
import { fuzzHttp1 } from './http1.ts'

// `npm run fuzz -- http1` runs as many as one likes.
it('reads what llhttp reads, in packets of any size, and refuses all that it refuses', async () => {
  const { cases, accepted, wrong } = await fuzzHttp1({ cases: 10_000, seed: 20_261_120 })
  expect(wrong).toEqual([])
  expect(cases).toBe(10_000)
  expect(accepted.request).toBeGreaterThan(500)
  expect(accepted.response).toBeGreaterThan(500)
}, 60_000)
