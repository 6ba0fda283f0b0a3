/**
 * `npm start` and `npm test` in a fresh clone. Runs on any Node from 20.19 without node_modules: it installs them, among
 * them the Node 24 that everything else runs on, builds the browser code, and hands over.
 */
import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { buildWeb } from './bootstrap/build-web.mjs'
import { installDependencies } from './bootstrap/install-dependencies.mjs'
import { nodeBinary, Problem, root, say } from './bootstrap/shell.mjs'
import { runTests } from './bootstrap/run-tests.mjs'

const [command, ...rest] = process.argv.slice(2)
const OLDEST_NODE = 20

try {
  if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
    throw new Problem(`Node.js ${OLDEST_NODE} or later is needed to begin with; this is ${process.version}.`)
  }
  if (command === 'start') {
    await installDependencies()
    await buildWeb(['apps/admin'])
    process.exitCode = await start(rest)
  } else if (command === 'test') {
    await installDependencies()
    process.exitCode = await runTests()
  } else {
    throw new Problem('Usage: node scripts/bootstrap.mjs start [options of millrace up] | test')
  }
} catch (error) {
  if (!(error instanceof Problem)) throw error
  say(`\n  error: ${error.message}`)
  process.exitCode = 1
}

/** Runs the reference store until it is stopped. Its state is kept beside package.json unless MILLRACE_DATA_DIR says otherwise. */
async function start(args) {
  const dataDir = path.resolve(root, process.env.MILLRACE_DATA_DIR || '.millrace')
  mkdirSync(dataDir, { recursive: true, mode: 0o711 })
  const child = spawn(
    nodeBinary,
    [
      '--conditions=millrace:source',
      path.join(root, 'apps/cli/src/main.ts'),
      'up',
      '--config',
      path.join(root, 'examples/store/millrace.config.ts'),
      ...args,
    ],
    { cwd: root, stdio: 'inherit', env: { ...process.env, MILLRACE_DATA_DIR: dataDir } },
  )
  // A terminal sends Ctrl-C to the child as well, which counts both as one; a signal to this process alone must arrive, too.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  return new Promise((resolve) => {
    child.on('exit', (code) => resolve(code ?? 1))
    child.on('error', (error) => {
      say(
        `\n  error: ${nodeBinary} cannot be started: ${error.message}. Remove node_modules and run npm start again.`,
      )
      resolve(1)
    })
  })
}
