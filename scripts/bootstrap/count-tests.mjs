/** What vitest calls tests that did not run. */
export const SKIPPED = ['pending', 'skipped', 'todo', 'disabled']

/**
 * Totals of a report of vitest's JSON reporter. A file that cannot be loaded has no tests in it and counts as one that
 * failed; so does a run that failed without saying where (`exitCode`), or that left no report.
 */
export function countTests(report, exitCode) {
  const files = report?.testResults ?? []
  const tests = files.flatMap(({ assertionResults }) => assertionResults)
  const count = (...states) => tests.filter(({ status }) => states.includes(status)).length
  const unloadable = files.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  )
  const failed = count('failed') + unloadable.length
  return {
    passed: count('passed'),
    failed: exitCode !== 0 && failed === 0 ? 1 : failed,
    skipped: count(...SKIPPED),
  }
}
