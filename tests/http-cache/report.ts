import { type Product } from './products.ts'
import type { Outcome, TestKind, TestOutcome } from './outcome.ts'

export interface ProductResult {
  product: Product
  version: string
  /** ISO 8601. */
  at: string
  outcomes: TestOutcome[]
}

const KINDS: readonly TestKind[] = ['required', 'optimal', 'check']
const SIGNS: Record<Outcome, string> = {
  pass: 'yes',
  fail: '**no**',
  setup: 'set-up failed',
  dependency: 'not told',
  retry: 'asked twice',
}

const count = (outcomes: readonly TestOutcome[], kind: TestKind, ...wanted: Outcome[]): number =>
  outcomes.filter((test) => test.kind === kind && wanted.includes(test.outcome)).length

/** Counts by kind, and every test that did not pass with what was seen. */
export function summarise({ product, version, at, outcomes }: ProductResult): object {
  const counts = KINDS.map((kind) => {
    const tests = outcomes.filter((test) => test.kind === kind)
    const byOutcome = Object.fromEntries(
      Object.keys(SIGNS).map((outcome) => [outcome, count(tests, kind, outcome as Outcome)]),
    )
    return [kind, { tests: tests.length, ...byOutcome }]
  })
  return {
    product,
    version,
    at,
    counts: Object.fromEntries(counts) as object,
    notPassed: outcomes.filter(({ outcome }) => outcome !== 'pass'),
  }
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n')

/** A name of the suite as the text of a table's cell. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

/** Two parts: how many of each kind each product passes, and every test that one of them does not. */
export function renderTables(results: readonly ProductResult[]): string {
  const head = results.map(({ product, version }) => `${product} ${version}`)
  const counts = KINDS.map((kind) => {
    const total = Math.max(...results.map(({ outcomes }) => outcomes.filter((t) => t.kind === kind).length))
    return [
      kind,
      String(total),
      ...results.map(({ outcomes }) => {
        const untold = count(outcomes, kind, 'dependency', 'setup', 'retry')
        const passed = `${count(outcomes, kind, 'pass')} yes, ${count(outcomes, kind, 'fail')} no`
        return untold === 0 ? passed : `${passed}, ${untold} not told`
      }),
    ]
  })
  const sections = KINDS.map((kind) => {
    const ids = results[0]?.outcomes.filter((test) => test.kind === kind) ?? []
    const rows = ids.flatMap(({ id, name }) => {
      const found = results.map(({ outcomes }) => outcomes.find((test) => test.id === id)?.outcome)
      if (found.every((outcome) => outcome === 'pass')) return []
      return [[`${cell(name)} (\`${id}\`)`, ...found.map((outcome) => SIGNS[outcome ?? 'dependency'])]]
    })
    return `### ${kind}\n\n${rows.length === 0 ? 'All pass.' : table(['test', ...head], rows)}`
  })
  return [table(['kind', 'tests', ...head], counts), ...sections].join('\n\n')
}
