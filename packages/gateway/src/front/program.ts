import { execFile } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { gatewayErrors } from '../errors.ts'

/** Services and people without these on their PATH have Caddy all the same. */
const SYSTEM_FOLDERS = ['/usr/bin', '/usr/local/bin', '/usr/sbin']
const RUN_MS = 15_000

const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The path of the program. Throws GATEWAY_FRONT_MISSING, which names the package. */
export function findCaddy(program: string, path = process.env.PATH ?? ''): string {
  if (program.includes('/')) {
    if (isExecutable(program)) return program
    throw gatewayErrors.FRONT_MISSING({ program })
  }
  const folders = [...path.split(delimiter).filter((folder) => folder !== ''), ...SYSTEM_FOLDERS]
  const found = folders.map((folder) => join(folder, program)).find(isExecutable)
  if (found === undefined) throw gatewayErrors.FRONT_MISSING({ program })
  return found
}

/** Throws GATEWAY_FRONT_UNSUITABLE before 2.6, which is the first with HTTP/3 as a setting of the server. */
export function checkVersion(program: string, version: string): void {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version.trim()) ?? []
  const refuse = (reason: string) => gatewayErrors.FRONT_UNSUITABLE({ program, reason })
  if (major === undefined) throw refuse('it does not say its version')
  if (Number(major) !== 2 || Number(minor) < 6) throw refuse(`its version is ${major}.${minor}`)
}

/** Finds the program and looks whether it can do what is needed. `home`: the only folder that it may know. */
export async function suitableCaddy(name: string, home: string): Promise<string> {
  const program = findCaddy(name)
  const version = await new Promise<string>((resolve, reject) => {
    execFile(program, ['version'], { timeout: RUN_MS, env: { HOME: home } }, (error, stdout) => {
      if (error === null) resolve(stdout)
      else reject(gatewayErrors.FRONT_UNSUITABLE({ program, reason: error.message.split('\n')[0]! }, error))
    })
  })
  checkVersion(program, version)
  return program
}
