import {
  accessSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Problem, root, run, say } from './shell.mjs'

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
  {
    programs: ['nginx'],
    variable: 'NGINX_PATH',
    debian: 'nginx',
    for: "tests of the gateway's export for NGINX",
    // Installed, it would be a service on port 80 from then on, as the next: only the program is taken out of the package.
    unpack: 'usr/sbin/nginx',
  },
  {
    programs: ['caddy'],
    variable: 'CADDY_PATH',
    debian: 'caddy',
    for: "tests of the gateway's front",
    unpack: 'usr/bin/caddy',
  },
]

/** Where programs are put that are taken out of a package. */
const UNPACKED = path.join(root, 'node_modules/.cache/millrace/programs')

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
  const install = async () => {
    const whole = missing.filter(({ unpack }) => unpack === undefined).map(({ debian }) => debian)
    const installed =
      whole.length === 0
        ? { code: 0, output: '' }
        : await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...whole], {
            quiet: true,
            what: 'apt-get install',
            env: { DEBIAN_FRONTEND: 'noninteractive' },
          })
    for (const item of missing) {
      if (installed.code !== 0) break
      if (item.unpack !== undefined) Object.assign(installed, await unpack(item))
    }
    return installed
  }
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

/** The package is downloaded as apt would, which checks its signature, and not installed. */
async function unpack({ debian, unpack: program }) {
  const folder = mkdtempSync(path.join(tmpdir(), 'millrace-package-'))
  try {
    const options = { quiet: true, cwd: folder }
    const downloaded = await run('apt-get', ['download', '-q', debian], {
      ...options,
      what: 'apt-get download',
    })
    if (downloaded.code !== 0) return downloaded
    const [file] = readdirSync(folder).filter((name) => name.endsWith('.deb'))
    const unpacked = await run('dpkg-deb', ['-x', file, 'content'], { ...options, what: 'dpkg-deb' })
    if (unpacked.code !== 0) return unpacked
    mkdirSync(UNPACKED, { recursive: true })
    copyFileSync(path.join(folder, 'content', program), path.join(UNPACKED, path.basename(program)))
    return unpacked
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Also tells the tests where it is. */
function isThere({ programs, variable }) {
  process.env[variable] ||= programs.map(findOnPath).find(Boolean) ?? ''
  return isExecutable(process.env[variable])
}

function findOnPath(program) {
  // People other than root often have no sbin on their PATH.
  const folders = [
    ...(process.env.PATH ?? '').split(path.delimiter),
    '/usr/sbin',
    '/usr/local/sbin',
    UNPACKED,
  ]
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
