import { describe, expect } from 'vitest'
import type { AnyCapability, Ports } from '@millrace/core'
import { conformsAsDeclared } from './declaration.ts'
import { conformsInLife } from './life.ts'
import { conformsAsPackage } from './package.ts'
import { packageRootAbove } from './package-root.ts'

export interface ConformanceOptions {
  /** Settings that the capability needs to be created in a test, as written in a file. Default: `{}`, which must do. */
  config?: Record<string, unknown>
  /** Provides the ports that other capabilities would. It must work without any of them, too. */
  provide?: (ports: Ports) => void
  /** Folder of the package. Default: the nearest one above the test file with a package.json. */
  root?: string
}

/**
 * Registers the tests that every capability must pass. Call it at the top level of a `*.int.test.ts` file: it starts a
 * PostgreSQL of its own.
 *
 *     conformance(capability)
 */
export function conformance(capability: AnyCapability, options: ConformanceOptions = {}): void {
  const testPath = expect.getState().testPath ?? process.cwd()
  const root = options.root ?? packageRootAbove(testPath)
  describe(`${capability.name} conforms`, () => {
    describe('as a package', () => {
      conformsAsPackage(capability, root)
    })
    describe('as declared', () => {
      conformsAsDeclared(capability)
    })
    describe('in life', () => {
      conformsInLife(capability, options)
    })
  })
}
