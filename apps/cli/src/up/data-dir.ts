import { randomBytes } from 'node:crypto'
import {
  accessSync,
  chmodSync,
  constants,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { cliErrors } from '../errors.ts'
import { lockDataDir, type DataDirLock } from './lock.ts'

/** What `run/control.json` tells the command line. */
export interface ControlFile {
  url: string
  token: string
  pid: number
  publicUrl: string
  /** By HTTPS. Absent: written by an earlier version. */
  secureUrls?: readonly string[]
  panelUrl: string
}

interface Secrets {
  telemetryToken: string
}

/**
 * The folder that all state lives in:
 *
 *     postgres/        the embedded database
 *     secrets.json     tokens that survive a restart (0600)
 *     run/             lock, control.json, pids of running processes; meaningless after an orderly stop
 *     <capability>/    whatever a capability keeps
 */
export class DataDir {
  readonly path: string
  readonly #lock: DataDirLock

  private constructor(path: string, lock: DataDirLock) {
    this.path = path
    this.#lock = lock
  }

  /** Throws CLI_DATA_DIR_UNUSABLE, CLI_ALREADY_RUNNING. */
  static open(path: string): DataDir {
    const run = join(path, 'run')
    try {
      // Others may pass through (the database's user has to) but not look around; each secret is 0600 besides.
      mkdirSync(path, { recursive: true, mode: 0o711 })
      mkdirSync(run, { recursive: true, mode: 0o700 })
      accessSync(path, constants.W_OK)
    } catch (error) {
      throw cliErrors.DATA_DIR_UNUSABLE({ dataDir: path, reason: (error as Error).message }, error)
    }
    return new DataDir(path, lockDataDir(join(run, 'supervisor.json'), path))
  }

  /** A folder of its own; made when missing. */
  folder(...names: string[]): string {
    const folder = join(this.path, ...names)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    return folder
  }

  /** Where the embedded PostgreSQL lives, which may run as another user and makes the folder itself. */
  folderForDatabase(): string {
    return join(this.path, 'postgres')
  }

  secrets(): Secrets {
    const file = join(this.path, 'secrets.json')
    const known = readJson(file) as Partial<Secrets> | undefined
    if (typeof known?.telemetryToken === 'string') return { telemetryToken: known.telemetryToken }
    const made: Secrets = { telemetryToken: newToken() }
    writePrivately(file, { ...known, ...made })
    return made
  }

  /** The control plane's port of the last run. */
  readPort(): number | undefined {
    const ports = readJson(join(this.path, 'ports.json')) as { controlPlane?: number } | undefined
    return ports?.controlPlane
  }

  writePort(controlPlane: number): void {
    writePrivately(join(this.path, 'ports.json'), { controlPlane })
  }

  writeControl(control: ControlFile): void {
    writePrivately(controlFile(this.path), control)
  }

  close(): void {
    rmSync(controlFile(this.path), { force: true })
    this.#lock.release()
  }
}

export const newToken = (): string => randomBytes(24).toString('base64url')

export const controlFile = (dataDir: string): string => join(dataDir, 'run', 'control.json')

export function readControl(dataDir: string): ControlFile | undefined {
  return readJson(controlFile(dataDir)) as ControlFile | undefined
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as unknown
  } catch {
    return undefined
  }
}

/** Whole or not at all, and never readable by others, not even for a moment. */
function writePrivately(file: string, value: unknown): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 })
  chmodSync(`${file}.new`, 0o600)
  renameSync(`${file}.new`, file)
}
