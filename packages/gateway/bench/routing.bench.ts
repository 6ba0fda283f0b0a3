import { defineBenchmark, operationsPerCpuSecond, type Running } from '@millrace/bench'
import type { RouteEntry } from '../src/drivers/driver.ts'
import { Router, type RouteRequest } from '../src/routing/router.ts'

interface Case {
  routes: number
}

/** What the routes differ by. */
const KINDS = ['prefix', 'host', 'wildcard', 'header'] as const
type Kind = (typeof KINDS)[number]
const OURS: Kind = 'prefix'

/** Of the same host and prefix there are at most 100: routes by header are spread over prefixes of 10. */
const SAME_PREFIX = 10

const entryOf: Record<Kind, (i: number) => RouteEntry> = {
  prefix: (i) => ({ prefix: `/area${i % 100}/part${i}`, pool: 'app' }),
  host: (i) => ({ prefix: '/', host: `shop${i}.example.org`, pool: 'app' }),
  wildcard: (i) => ({ prefix: '/', host: `*.shop${i}.example.org`, pool: 'app' }),
  header: (i) => ({
    prefix: `/part${Math.floor(i / SAME_PREFIX)}`,
    headers: [{ name: 'x-variant', value: String(i % SAME_PREFIX) }],
    pool: 'app',
  }),
}

/** A request that the i-th route matches. */
const questionOf: Record<Kind, (i: number) => { path: string; host: string; variant: string }> = {
  prefix: (i) => ({ path: `/area${i % 100}/part${i}/item/4711?size=l`, host: 'example.org', variant: '' }),
  host: (i) => ({ path: '/item/4711?size=l', host: `shop${i}.example.org`, variant: '' }),
  wildcard: (i) => ({ path: '/item/4711?size=l', host: `www.shop${i}.example.org`, variant: '' }),
  header: (i) => ({
    path: `/part${Math.floor(i / SAME_PREFIX)}/item/4711?size=l`,
    host: 'example.org',
    variant: String(i % SAME_PREFIX),
  }),
}

function matches(kind: Kind, { routes }: Case): () => unknown {
  const entries = Array.from({ length: routes }, (_, i) => entryOf[kind](i))
  const router = new Router(entries, (pool) => pool)
  // As many as there are, at most so many that the processor's caches are not what is measured.
  const questions = Array.from({ length: 256 }, (_, i) => {
    const { variant, ...asked } = questionOf[kind](Math.floor((i * routes) / 256))
    const request: RouteRequest = { method: 'GET', headers: { 'x-variant': variant }, socket: {} }
    return { ...asked, request }
  })
  let turn = 0
  return () => {
    const { path, host, request } = questions[turn++ & 255]!
    const route = router.match(path, host, request)
    if (route === undefined) throw new Error(`no route for ${host}${path}`)
    return route
  }
}

interface Contestant extends Running {
  kind: Kind
}

export const benchmark = defineBenchmark<Case, undefined>({
  name: 'routing',
  title: 'Finding the route of a request',
  metrics: [{ name: 'cpu_per_match', unit: 'ns', better: 'lower' }],
  cases: {
    '1 route': { routes: 1 },
    '10 routes': { routes: 10 },
    '100 routes': { routes: 100 },
    '1,000 routes': { routes: 1_000 },
    '10,000 routes': { routes: 10_000 },
  },
  contenders: KINDS.map((kind) => ({
    name: `by ${kind}`,
    ...(kind === OURS && { ours: true }),
    start: async (): Promise<Contestant> => ({ kind, stop: async () => undefined }),
  })),
  prepare: async () => ({ environment: undefined, stop: async () => undefined }),
  async measure(running, benchmarkCase, _environment, { seconds }) {
    const { kind } = running as Contestant
    const { perCpuSecond } = await operationsPerCpuSecond(matches(kind, benchmarkCase), seconds / 4)
    return { values: { cpu_per_match: 1e9 / perCpuSecond } }
  },
})
