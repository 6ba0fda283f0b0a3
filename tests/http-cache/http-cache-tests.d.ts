/** The parts of the package `http-cache-tests` (BSD-3-Clause) that the runner uses; it has no types of its own. */

declare module 'http-cache-tests/client/runner.mjs' {
  import type { TestSuite } from 'http-cache-tests/tests/index.mjs'
  export type TestResult = true | [kind: string, message: string]
  /** One run per process: results are kept in the module. */
  export function runTests(
    suites: readonly TestSuite[],
    fetch: (url: string, init: object) => Promise<unknown>,
    useBrowserCache: boolean,
    baseUrl: string,
    chunkSize?: number,
  ): Promise<void>
  export function getResults(): Record<string, TestResult>
}

declare module 'http-cache-tests/tests/index.mjs' {
  export interface TestCase {
    id: string
    name: string
    /** Default `required`. */
    kind?: 'required' | 'optimal' | 'check'
    depends_on?: readonly string[]
    browser_only?: boolean
    dump?: boolean
  }
  export interface TestSuite {
    id: string
    name: string
    tests: TestCase[]
  }
  const suites: TestSuite[]
  export default suites
}

declare module 'http-cache-tests/server/*' {
  import type { IncomingMessage, ServerResponse } from 'node:http'
  const handle: (segments: string[], request: IncomingMessage, response: ServerResponse) => void
  export default handle
}

declare module 'node-fetch' {
  const fetch: (url: string, init?: object) => Promise<unknown>
  export default fetch
}
