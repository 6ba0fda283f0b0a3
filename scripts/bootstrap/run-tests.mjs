import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { buildWeb } from './build-web.mjs'
import { countTests } from './count-tests.mjs'
import { npm, root, run, say } from './shell.mjs'
import { installSystemPackages } from './system-packages.mjs'

const CHECKS = ['format:check', 'lint', 'types', 'unused', 'docs:check', 'packages:check']
const SUITES = ['unit', 'integration', 'browser']
const reports = path.join(root, 'node_modules/.cache/millrace')

/** Everything CI runs. All steps run whatever the others did; the last line has the totals. Resolves with the exit code. */
export async function runTests() {
  await installSystemPackages()
  await buildWeb(['apps/admin'])
  const results = []
  const totals = { passed: 0, failed: 0, skipped: 0 }
  for (const name of CHECKS) {
    const { command, args } = npm(['run', '--silent', name])
    const { code, seconds, output } = await run(command, args, { quiet: true, what: name })
    if (code !== 0) say(`\n${output.trim()}\n`)
    results.push(report(name, code === 0, seconds))
  }
  for (const name of SUITES) {
    const { passed, failed, skipped, seconds } = await runSuite(name)
    totals.passed += passed
    totals.failed += failed
    totals.skipped += skipped
    results.push(
      report(
        name,
        failed === 0 && skipped === 0,
        seconds,
        `${passed} passed, ${failed} failed, ${skipped} skipped`,
      ),
    )
  }
  const broken = results.filter(({ ok }) => !ok)
  say('\n  Summary')
  for (const { line } of results) say(line)
  if (totals.skipped > 0)
    say(`\n  ${totals.skipped} skipped tests count as a failure: their messages say what was missing.`)
  if (broken.length > 0) say(`\n  Failed: ${broken.map(({ name }) => name).join(', ')}`)
  say(`\n${totals.passed} passed, ${totals.failed} failed`)
  return broken.length === 0 ? 0 : 1
}

function report(name, ok, seconds, detail = '') {
  const line =
    `  ${ok ? '✓' : '✗'} ${name.padEnd(14)} ${seconds.toFixed(1).padStart(6)} s  ${detail}`.trimEnd()
  say(line)
  return { name, ok, line }
}

async function runSuite(name) {
  mkdirSync(reports, { recursive: true })
  const file = path.join(reports, `${name}.json`)
  rmSync(file, { force: true })
  const { command, args } = npm([
    'run',
    '--silent',
    name,
    '--',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
  ])
  const { code, seconds } = await run(command, args)
  return { ...countTests(readReport(file), code), seconds }
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}
