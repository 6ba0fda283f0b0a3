import { execFile } from 'node:child_process'
import { accessSync, constants, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { gatewayErrors } from '../../errors.ts'

/** Services and people without /usr/sbin on their PATH have HAProxy all the same. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/usr/local/sbin']
const RUN_MS = 15_000

const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The path of the program. Throws GATEWAY_HAPROXY_MISSING, which names the package. */
export function findHaproxy(program = 'haproxy', path = process.env.PATH ?? ''): string {
  if (program.includes('/')) {
    if (isExecutable(program)) return program
    throw gatewayErrors.HAPROXY_MISSING({ program })
  }
  const folders = [...path.split(delimiter).filter((folder) => folder !== ''), ...SYSTEM_FOLDERS]
  const found = folders.map((folder) => join(folder, program)).find(isExecutable)
  if (found === undefined) throw gatewayErrors.HAPROXY_MISSING({ program })
  return found
}

interface Output {
  code: number
  text: string
}

const run = (program: string, args: readonly string[]): Promise<Output> =>
  new Promise((resolve, reject) => {
    execFile(program, args, { timeout: RUN_MS, maxBuffer: 4_194_304 }, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number') reject(error)
      else resolve({ code: error === null ? 0 : Number(error.code), text: `${stdout}${stderr}` })
    })
  })

/** Throws GATEWAY_HAPROXY_UNSUITABLE for a version before 2.6 or a build without Lua. */
export function checkVersion(program: string, version: string): void {
  const [, major, minor] = /HAProxy version (\d+)\.(\d+)/.exec(version) ?? []
  const refuse = (reason: string) => gatewayErrors.HAPROXY_UNSUITABLE({ program, reason })
  if (major === undefined) throw refuse('it does not say its version')
  if (Number(major) < 2 || (Number(major) === 2 && Number(minor) < 6))
    throw refuse(`its version is ${major}.${minor}`)
  if (!/\+LUA\b/.test(version)) throw refuse('it is built without Lua')
}

/** Finds the program and looks whether it can do what is needed. */
export async function suitableHaproxy(name?: string): Promise<string> {
  const program = findHaproxy(name)
  checkVersion(program, (await run(program, ['-vv'])).text)
  return program
}

/** Rejects with GATEWAY_HAPROXY_CONFIGURATION_REFUSED and HAProxy's own message. */
export async function checkConfiguration(program: string, file: string): Promise<void> {
  const { code, text } = await run(program, ['-c', '-f', file])
  if (code === 0) return
  const alerts = text.split('\n').filter((line) => line.startsWith('[ALERT]'))
  const said = (alerts.length > 0 ? alerts : text.trim().split('\n')).map((line) =>
    line.replace(/^\[ALERT\]\s+\(\d+\) : /, ''),
  )
  throw gatewayErrors.HAPROXY_CONFIGURATION_REFUSED({ reason: said.join(' ') })
}

/** Whom workers become when this process is root: Debian's user for it, or nobody. Undefined: nothing to drop. */
export function workerUser(
  passwd = readFileSync('/etc/passwd', 'utf8'),
): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  for (const name of ['haproxy', 'nobody']) {
    const [, uid, gid] = new RegExp(`^${name}:[^:]*:(\\d+):(\\d+):`, 'm').exec(passwd) ?? []
    if (uid !== undefined) return { uid: Number(uid), gid: Number(gid) }
  }
  return undefined
}
