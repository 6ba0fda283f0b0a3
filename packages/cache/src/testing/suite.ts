import { describe } from 'vitest'
import { awayTests, connectionTests } from './connection.ts'
import { Bench, type DriverHarness } from './harness.ts'
import { historyTests } from './histories.ts'
import { lockTests } from './locks.ts'
import { noticeTests } from './notices.ts'
import { recordTests } from './records.ts'
import { searchTests } from './search.ts'
import { validityTests } from './validity.ts'

export interface DriverSuiteOptions {
  /** The harness can take the store away and bring it back. Default: it cannot, and that is not tested. */
  away?: boolean
}

/**
 * Registers tests of vitest for everything that the contract in `../drivers/driver.ts` promises. Call it at the top of
 * a test file; `start` is called once, before the first test.
 */
export function driverSuite(
  name: string,
  start: () => Promise<DriverHarness>,
  options: DriverSuiteOptions = {},
): void {
  describe(`shared store: ${name}`, () => {
    const bench = new Bench(start)
    describe('connection', () => {
      connectionTests(bench)
    })
    describe('records', () => {
      recordTests(bench)
    })
    describe('validity', () => {
      validityTests(bench)
    })
    describe('histories', () => {
      historyTests(bench)
    })
    describe('search', () => {
      searchTests(bench)
    })
    describe('locks', () => {
      lockTests(bench)
    })
    describe('notices', () => {
      noticeTests(bench)
    })
    for (const register of options.away ? [awayTests] : []) {
      describe('away', () => {
        register(bench)
      })
    }
  })
}
