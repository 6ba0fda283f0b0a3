import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { isPortFree } from '@millrace/core/process'

const PROGRAM = process.env['NGINX_PATH'] ?? '/usr/sbin/nginx'
const START_MS = 10_000

/** Debian's NGINX on a configuration of a test, with everything that it writes in a directory of its own. */
export class NginxServer {
  readonly #dir: string
  #process: ChildProcess | undefined
  #said = ''

  private constructor(dir: string) {
    this.#dir = dir
  }

  static async create(): Promise<NginxServer> {
    return new NginxServer(await mkdtemp(join(tmpdir(), 'millrace-nginx-')))
  }

  async #write(text: string): Promise<string[]> {
    const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    await mkdir(join(this.#dir, 'temp'), { recursive: true })
    const paths = kinds.map((kind) => `${kind}_temp_path ${join(this.#dir, 'temp', kind)};`).join('\n')
    const own = `access_log off;\n${paths}`
    // Where this user is not allowed to, nothing else is changed.
    const file = join(this.#dir, 'nginx.conf')
    await writeFile(file, text.replace(/^http \{$/m, `http {\n${own}`))
    const pid = `pid ${join(this.#dir, 'pid')}; daemon off; error_log stderr warn;`
    return ['-p', this.#dir, '-e', 'stderr', '-c', file, '-g', pid]
  }

  /** What `nginx -t` says against it; undefined: nothing. */
  async refusal(text: string): Promise<string | undefined> {
    const args = await this.#write(text)
    return new Promise((resolve) => {
      execFile(PROGRAM, ['-t', ...args], { timeout: START_MS }, (error, _stdout, stderr) =>
        resolve(error === null ? undefined : stderr),
      )
    })
  }

  /** Resolves when it answers on the port. */
  async start(text: string, port: number): Promise<void> {
    const child = spawn(PROGRAM, await this.#write(text), { stdio: ['ignore', 'ignore', 'pipe'] })
    this.#process = child
    child.stderr.on('data', (chunk: Buffer) => void (this.#said += chunk.toString()))
    const deadline = performance.now() + START_MS
    while (await isPortFree(port)) {
      if (child.exitCode !== null || performance.now() > deadline)
        throw new Error(`NGINX does not listen on ${port}: ${this.#said}`)
      await after(20)
    }
  }

  /** Its warnings and errors so far. */
  get said(): string {
    return this.#said
  }

  async close(): Promise<void> {
    const child = this.#process
    if (child !== undefined && child.exitCode === null) {
      const gone = once(child, 'exit')
      child.kill('SIGTERM')
      await gone
    }
    await rm(this.#dir, { recursive: true, force: true })
  }
}
