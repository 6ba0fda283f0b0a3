import { getResults, runTests } from 'http-cache-tests/client/runner.mjs'
import suites, { type TestSuite } from 'http-cache-tests/tests/index.mjs'
import fetch from 'node-fetch'
import { judgeResults, type TestOutcome } from './outcome.ts'

export interface SuiteOptions {
  /** Only this test, with what was sent and received on standard output. */
  testId?: string
  /** Tests at the same time. Default 100, as the suite has it. */
  concurrency?: number
}

/**
 * Runs http-cache-tests through a cache that forwards to the suite's origin; without its part about Surrogate-Control, which
 * no RFC has. Once per process: the suite keeps its results
 * in module state. Throws when there is no test of that id.
 */
export async function runSuite(baseUrl: string, options: SuiteOptions = {}): Promise<TestOutcome[]> {
  const { testId, concurrency } = options
  const chosen: readonly TestSuite[] =
    testId === undefined
      ? suites
      : suites.map((suite) => ({
          ...suite,
          tests: suite.tests.filter(({ id }) => id === testId).map((test) => ({ ...test, dump: true })),
        }))
  if (chosen.every(({ tests }) => tests.length === 0)) throw new Error(`there is no test '${testId}'`)
  await runTests(chosen, fetch, false, baseUrl, concurrency)
  return judgeResults(testId === undefined ? suites : chosen, getResults())
}
