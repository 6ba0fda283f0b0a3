import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'

const scripts = join(import.meta.dirname, '..')

interface Totals {
  passed: number
  failed: number
  skipped: number
}
// Plain JavaScript, because it runs before anything is installed: there are no types to import.
const { countTests, SKIPPED } = (await import(
  pathToFileURL(join(scripts, 'bootstrap/count-tests.mjs')).href
)) as {
  countTests: (report: unknown, exitCode: number) => Totals
  SKIPPED: readonly string[]
}

const file = (status: string, ...states: string[]): object => ({
  status,
  assertionResults: states.map((state) => ({ status: state })),
})

describe('countTests', () => {
  it('adds up files', () => {
    const report = { testResults: [file('passed', 'passed', 'passed'), file('failed', 'passed', 'failed')] }
    expect(countTests(report, 1)).toEqual({ passed: 3, failed: 1, skipped: 0 })
  })

  it('counts a file that cannot be loaded, a run without a report, and an error outside any test', () => {
    expect(countTests({ testResults: [file('failed')] }, 1)).toEqual({ passed: 0, failed: 1, skipped: 0 })
    expect(countTests(undefined, 1)).toEqual({ passed: 0, failed: 1, skipped: 0 })
    expect(countTests({ testResults: [file('passed', 'passed')] }, 1)).toEqual({
      passed: 1,
      failed: 1,
      skipped: 0,
    })
  })

  it('sees skipped tests', () => {
    const report = { testResults: [file('passed', 'passed', ...SKIPPED)] }
    expect(countTests(report, 0)).toEqual({ passed: 1, failed: 0, skipped: SKIPPED.length })
  })
})

describe('bootstrap.mjs', () => {
  it('says how it is used', () => {
    const { status, stdout } = spawnSync(process.execPath, [join(scripts, 'bootstrap.mjs'), 'nonsense'], {
      encoding: 'utf8',
    })
    expect(status).toBe(1)
    expect(stdout).toContain('start [options of millrace up] | test')
  })
})
