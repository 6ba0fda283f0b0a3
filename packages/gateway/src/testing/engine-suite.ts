import { afterEach, beforeEach, describe } from 'vitest'
import { Fixture, type CreateEngine } from './fixture.ts'
import { balancingSuite } from './suites/balancing.ts'
import { circuitsSuite } from './suites/circuits.ts'
import { compressionSuite } from './suites/compression.ts'
import { drainingSuite } from './suites/draining.ts'
import { failuresSuite } from './suites/failures.ts'
import { forwardingSuite } from './suites/forwarding.ts'
import { limitsSuite } from './suites/limits.ts'
import { mirroringSuite } from './suites/mirroring.ts'
import { misbehavingBackendsSuite } from './suites/misbehaving-backends.ts'
import { rateLimitsSuite } from './suites/rate-limits.ts'
import { routeConditionsSuite } from './suites/route-conditions.ts'
import { routingSuite } from './suites/routing.ts'
import { sessionsSuite } from './suites/sessions.ts'
import { splitsSuite } from './suites/splits.ts'
import { smugglingSuite } from './suites/smuggling.ts'
import { streamingSuite } from './suites/streaming.ts'
import { traceContextSuite } from './suites/trace-context.ts'
import { webSocketSuite } from './suites/websocket.ts'

/** A part of the suite: tests that use the fixture of the moment. */
export type EngineSuitePart = (fixture: () => Fixture) => void

const PARTS: Record<string, EngineSuitePart> = {
  'forwards requests and responses': forwardingSuite,
  'carries trace context': traceContextSuite,
  routes: routingSuite,
  'routes by host, method, header and country': routeConditionsSuite,
  'splits traffic': splitsSuite,
  'copies requests': mirroringSuite,
  streams: streamingSuite,
  'survives failing backends and visitors': failuresSuite,
  'believes no backend': misbehavingBackendsSuite,
  'refuses what could be read in two ways': smugglingSuite,
  'keeps its limits': limitsSuite,
  balances: balancingSuite,
  'breaks circuits': circuitsSuite,
  'keeps sessions': sessionsSuite,
  'limits rates': rateLimitsSuite,
  compresses: compressionSuite,
  'passes WebSockets through': webSocketSuite,
  'drains without a failed request': drainingSuite,
}

/**
 * What every gateway engine must do, on real sockets: `engineSuite('node', createGateway)`. `lacking`: fields of a table that
 * the engine has no feature for, such as `sticky`; the suite then wants the table refused.
 */
export function engineSuite(
  name: string,
  create: CreateEngine,
  { lacking = [] }: { lacking?: readonly string[] } = {},
): void {
  describe(`gateway engine ${name}`, () => {
    let fixture: Fixture
    beforeEach(() => {
      fixture = new Fixture(create, lacking)
    })
    afterEach(() => fixture.close())
    describe.each(Object.entries(PARTS))('%s', (_title, part) => {
      part(() => fixture)
    })
  })
}
