import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RouteEntry } from '../drivers/driver.ts'
import { Fixture, onePool, type CreateEngine } from './fixture.ts'
import { setPatience } from './patience.ts'
import { balancingSuite } from './suites/balancing.ts'
import { circuitsSuite } from './suites/circuits.ts'
import { compressionSuite } from './suites/compression.ts'
import { drainingSuite } from './suites/draining.ts'
import { failuresSuite } from './suites/failures.ts'
import { forwardingSuite } from './suites/forwarding.ts'
import { http2BackendsSuite } from './suites/http2-backends.ts'
import { limitsSuite } from './suites/limits.ts'
import { mirroringSuite } from './suites/mirroring.ts'
import { misbehavingBackendsSuite } from './suites/misbehaving-backends.ts'
import { openConnectionsSuite } from './suites/open-connections.ts'
import { rateLimitsSuite } from './suites/rate-limits.ts'
import { routeConditionsSuite } from './suites/route-conditions.ts'
import { routingSuite } from './suites/routing.ts'
import { sessionsSuite } from './suites/sessions.ts'
import { splitsSuite } from './suites/splits.ts'
import { smugglingSuite } from './suites/smuggling.ts'
import { earlyHintsSuite } from './suites/early-hints.ts'
import { http2AbuseSuite } from './suites/http2-abuse.ts'
import { http2VisitorsSuite } from './suites/http2-visitors.ts'
import { streamingSuite } from './suites/streaming.ts'
import { tlsSuite } from './suites/tls.ts'
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
  'speaks HTTP/2 to backends': http2BackendsSuite,
  'keeps its limits': limitsSuite,
  balances: balancingSuite,
  'breaks circuits': circuitsSuite,
  'keeps sessions': sessionsSuite,
  'limits rates': rateLimitsSuite,
  compresses: compressionSuite,
  'passes WebSockets through': webSocketSuite,
  'drains without a failed request': drainingSuite,
  'over TLS': tlsSuite,
  'HTTP/2 visitors': http2VisitorsSuite,
  'survives hostile HTTP/2': http2AbuseSuite,
  'early hints': earlyHintsSuite,
  'shows what is open': openConnectionsSuite,
}

/** Parts that are all about some fields of a route. Without them there is nothing to see but that they are refused. */
const NEEDED: Record<string, Record<string, Partial<RouteEntry>>> = {
  'routes by host, method, header and country': {
    host: { host: 'shop.example' },
    methods: { methods: ['GET'] },
    headers: { headers: [{ name: 'x-beta' }] },
    countries: { countries: ['DE'] },
  },
  'splits traffic': { split: { split: { name: 's', kind: 'canary', parts: [{ pool: 'app', share: 100 }] } } },
  'copies requests': { mirror: { mirror: { pool: 'app', share: 100 } } },
}

/** Something that an engine does in its own way. */
export interface EngineDifference {
  /** What the engine does, in a sentence for its documentation. */
  behaviour: string
  /** Tests that therefore fail, by part and title: `compresses > adds to a Vary that is there`. */
  tests: readonly string[]
}

export interface EngineSuiteOptions {
  /** Fields of a table that the engine has no feature for, such as `sticky`; the suite then wants the table refused. */
  lacking?: readonly string[]
  /** What is declared here must fail: a test that passes all the same fails the suite, so that no declaration outlives its reason. */
  differences?: readonly EngineDifference[]
}

/** What every gateway engine must do, on real sockets: `engineSuite('node', createGateway)`. */
export function engineSuite(
  name: string,
  create: CreateEngine,
  { lacking = [], differences = [] }: EngineSuiteOptions = {},
): void {
  const differing = new Set(differences.flatMap(({ tests }) => tests))
  describe(`gateway engine ${name}`, () => {
    let fixture: Fixture
    beforeEach(({ task }) => {
      // As `it.fails` does, which the parts cannot know.
      const differs = differing.has(titleOf(task))
      if (differs) Object.assign(task, { fails: true })
      setPatience(differs)
      fixture = new Fixture(create, lacking)
    })
    afterEach(() => fixture.close())
    describe.each(Object.entries(PARTS))('%s', (title, part) => {
      const features = Object.entries(NEEDED[title] ?? {})
      if (features.length === 0 || !features.every(([feature]) => lacking.includes(feature)))
        return part(() => fixture)
      it.each(features)('refuses %s, by name', async (feature, route) => {
        const { routes, pools } = onePool(1)
        expect(await fixture.startWith(feature, { routes: [{ ...routes[0]!, ...route }], pools })).toBe(false)
      })
    })
  })
}

/** Of the part on: the engine's name comes before it. */
function titleOf(task: { name: string; suite?: { name: string; suite?: unknown } | undefined }): string {
  const names = [task.name]
  for (let suite = task.suite as Titled | undefined; suite !== undefined; suite = suite.suite)
    names.unshift(suite.name)
  return names.slice(names.findIndex((title) => title.startsWith('gateway engine ')) + 1).join(' > ')
}

interface Titled {
  name: string
  suite?: Titled
}
