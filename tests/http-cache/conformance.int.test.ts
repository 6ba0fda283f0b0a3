import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Running } from '../../bench/src/benchmark.ts'
import { startOrigin } from './origin.ts'
import { startProduct } from './products.ts'
import { runSuite } from './run-suite.ts'

let origin: { url: string; stop(): Promise<void> }
let gateway: Running | undefined
let dir: string
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-conformance-'))
  origin = await startOrigin()
})
afterEach(async () => {
  await gateway?.stop()
  await origin.stop()
  rmSync(dir, { recursive: true, force: true })
})

it('http-cache-tests: no required test fails', { timeout: 120_000 }, async () => {
  gateway = await startProduct('millrace', origin.url, dir)
  const outcomes = await runSuite(gateway.url!)
  const required = outcomes.filter(({ kind }) => kind === 'required')
  expect(required.filter(({ outcome }) => outcome === 'pass').length).toBeGreaterThan(140)
  expect(required.filter(({ outcome }) => outcome === 'fail')).toEqual([])
})
