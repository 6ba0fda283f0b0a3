import { accessSync, constants, existsSync } from 'node:fs'
import path from 'node:path'
import { Problem, run, say } from './shell.mjs'

/** What tests need beside npm packages: any of these programs, or this Debian package. The tests read its path from `variable`. */
const NEEDED = [
  {
    programs: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    variable: 'CHROMIUM_PATH',
    debian: 'chromium',
    for: 'browser tests',
  },
  {
    // The same program: Debian's redis-server package only adds the other name, and a service that nobody asked for.
    programs: ['redis-server', 'redis-check-rdb'],
    variable: 'REDIS_SERVER_PATH',
    debian: 'redis-tools',
    for: 'tests with Redis',
  },
  {
    programs: ['haproxy'],
    variable: 'HAPROXY_PATH',
    debian: 'haproxy',
    for: "tests of the gateway's engine haproxy",
  },
]

/** Installs what is missing where that is possible (root on Debian or Ubuntu), else names it and fails. */
export async function installSystemPackages() {
  const missing = NEEDED.filter((item) => !isThere(item))
  if (missing.length === 0) return
  const packages = missing.map(({ debian }) => debian)
  const canInstall = process.getuid?.() === 0 && existsSync('/etc/debian_version')
  if (!canInstall) {
    const list = missing.map((item) => `${item.programs[0]} (${item.for})`).join(', ')
    throw new Problem(
      `The tests need programs that are not installed: ${list}. On Debian or Ubuntu: sudo apt-get install ${packages.join(' ')}`,
    )
  }
  say(`  Installing ${packages.join(', ')} (apt-get)`)
  const install = () =>
    run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages], {
      quiet: true,
      what: 'apt-get install',
      env: { DEBIAN_FRONTEND: 'noninteractive' },
    })
  let result = await install()
  if (result.code !== 0) {
    await run('apt-get', ['update', '-q'], { quiet: true, what: 'apt-get update' })
    result = await install()
  }
  if (result.code !== 0) {
    throw new Problem(`apt-get install ${packages.join(' ')} failed:\n\n${result.output.trim()}`)
  }
  for (const item of missing) isThere(item)
}

/** Also tells the tests where it is. */
function isThere({ programs, variable }) {
  process.env[variable] ||= programs.map(findOnPath).find(Boolean) ?? ''
  return isExecutable(process.env[variable])
}

function findOnPath(program) {
  // People other than root often have no sbin on their PATH.
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin', '/usr/local/sbin']
  return folders.map((folder) => path.join(folder, program)).find(isExecutable)
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
