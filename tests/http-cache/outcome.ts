import type { TestResult } from 'http-cache-tests/client/runner.mjs'
import type { TestSuite } from 'http-cache-tests/tests/index.mjs'

export type TestKind = 'required' | 'optimal' | 'check'

/**
 * pass: as the test expects. fail: not so; of a `check`, that says no more than that. setup: something got in the way before
 * what is tested. dependency: a test that this one builds on did not pass, so it says nothing. retry: the cache asked
 * the origin twice.
 */
export type Outcome = 'pass' | 'fail' | 'setup' | 'dependency' | 'retry'

export interface TestOutcome {
  id: string
  name: string
  kind: TestKind
  outcome: Outcome
  reason?: string
}

/** What each test came to, in the order of the suites; tests that were not run are left out. */
export function judgeResults(
  suites: readonly TestSuite[],
  results: Readonly<Record<string, TestResult>>,
): TestOutcome[] {
  const tests = new Map(suites.flatMap((suite) => suite.tests).map((test) => [test.id, test]))
  const judged = new Map<string, Outcome | undefined>()
  const judge = (id: string): Outcome | undefined => {
    if (judged.has(id)) return judged.get(id)
    const result = results[id]
    let outcome: Outcome | undefined
    if (result !== undefined) {
      const dependencies = tests.get(id)?.depends_on ?? []
      if (dependencies.some((other) => judge(other) !== 'pass')) outcome = 'dependency'
      else if (result === true) outcome = 'pass'
      else if (result[0] === 'Setup') outcome = result[1] === 'retry' ? 'retry' : 'setup'
      else outcome = 'fail'
    }
    judged.set(id, outcome)
    return outcome
  }
  return [...tests.values()].flatMap(({ id, name, kind = 'required' }) => {
    const outcome = judge(id)
    if (outcome === undefined) return []
    const result = results[id]
    const reason =
      Array.isArray(result) && outcome !== 'dependency' ? `${result[0]}: ${result[1]}` : undefined
    return [{ id, name, kind, outcome, ...(reason === undefined ? {} : { reason }) }]
  })
}
