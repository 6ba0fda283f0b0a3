import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { silentLogger } from '@millrace/core'
import { connectRedis, redisSettings, type RedisConnection } from '@millrace/core/redis'
import { waitFor } from '../wait/wait-for.ts'

export interface RedisProcessOptions {
  port: number
  /** Lines of the configuration file, after those that every server of a test gets. */
  config: readonly string[]
  folder: string
  /** As a Sentinel. */
  sentinel?: boolean
}

/** Nothing reaches the disk, and only this machine gets in. */
const BASE = ['bind 127.0.0.1', 'daemonize no', 'dir ./']
const START_MS = 10_000

/** One redis-server, which can be killed, paused and started again on the same port. */
export class RedisProcess {
  readonly host = '127.0.0.1'
  readonly port: number
  readonly #options: RedisProcessOptions
  #child: ChildProcess | undefined
  #admin: RedisConnection | undefined

  constructor(options: RedisProcessOptions) {
    this.port = options.port
    this.#options = options
    const lines = [`port ${options.port}`, ...BASE, ...options.config]
    writeFileSync(this.#file('redis.conf'), `${lines.join('\n')}\n`)
  }

  /** `host:port`, as the settings of clusters and Sentinels want it. */
  get address(): string {
    return `${this.host}:${this.port}`
  }

  get url(): string {
    return `redis://${this.address}`
  }

  /** Undefined while it does not run. */
  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** Starts it, for the first time or again, and waits until it answers. */
  async start(): Promise<void> {
    if (this.#child !== undefined) return
    const log = openSync(this.#file('log'), 'a')
    // Debian's redis-tools has the same program under another name, and it goes by the name that it is called.
    const child = spawn(
      redisServerPath(),
      ['redis.conf', ...(this.#options.sentinel ? ['--sentinel'] : [])],
      {
        argv0: 'redis-server',
        cwd: this.#options.folder,
        stdio: ['ignore', log, log],
      },
    )
    closeSync(log)
    this.#child = child
    let failure: Error | undefined
    child.once('error', (error) => (failure = error))
    child.once('exit', () => {
      if (this.#child === child) this.#child = undefined
    })
    if (child.pid !== undefined) writeFileSync(this.#file('pid'), String(child.pid))
    const answered = async (): Promise<boolean> => {
      if (failure !== undefined || child.exitCode !== null || child.signalCode !== null) return true
      return answers(this.port)
    }
    await waitFor(answered, { deadlineMs: START_MS, intervalMs: 10, what: `redis-server on ${this.port}` })
    if (failure !== undefined) throw failure
    if (this.#child !== child) {
      const said = readFileSync(this.#file('log'), 'utf8').split('\n').slice(-10).join('\n')
      throw new Error(`redis-server on ${this.port} ended at once:\n${said}`)
    }
  }

  /** Sends one command as an administrator and returns the reply as text, numbers and lists. */
  async command(name: string, ...args: (string | number)[]): Promise<unknown> {
    this.#admin ??= this.#connect()
    await this.#admin.opened()
    return this.#admin.client.call(name, ...args)
  }

  /** One field of INFO; undefined when there is none of that name. */
  async info(field: string): Promise<string | undefined> {
    return infoField(String(await this.command('INFO')), field)
  }

  /** SIGSTOP: its connections stay open, new ones are accepted by the system, and nothing is answered. */
  pause(): void {
    this.#child?.kill('SIGSTOP')
  }

  resume(): void {
    this.#child?.kill('SIGCONT')
  }

  /** SIGKILL, also while it is paused. `start` brings it back, empty unless it was told to save. */
  async kill(): Promise<void> {
    const child = this.#child
    await this.#admin?.close()
    this.#admin = undefined
    if (child === undefined) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }

  stop(): Promise<void> {
    return this.kill()
  }

  /** Into its folder, before it starts. */
  writeFile(name: string, text: string): void {
    writeFileSync(this.#file(name), text)
  }

  #connect(): RedisConnection {
    const settings = redisSettings.parse({ host: this.host, port: this.port, password: this.#password() })
    return connectRedis(settings, { logger: silentLogger, purpose: 'test-admin' })
  }

  #password(): string | undefined {
    const line = this.#options.config.find((text) => text.startsWith('requirepass '))
    return line?.slice('requirepass '.length)
  }

  #file(name: string): string {
    return join(this.#options.folder, name)
  }
}

/** `INFO` and `CLUSTER INFO`: lines of `field:value`. */
export const infoField = (text: string, field: string): string | undefined =>
  text
    .split('\r\n')
    .find((line) => line.startsWith(`${field}:`))
    ?.slice(field.length + 1)

/** REDIS_SERVER_PATH, which `npm test` sets, else `redis-server` on the PATH. */
const redisServerPath = (): string => process.env['REDIS_SERVER_PATH'] || 'redis-server'

/** Whether something that speaks the protocol answers, with whatever. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    const finish = (answered: boolean): void => {
      socket.destroy()
      resolve(answered)
    }
    socket.setTimeout(1_000, () => finish(false))
    socket.once('connect', () => void socket.write('PING\r\n'))
    socket.once('data', (data) => finish(/^\+PONG|^-NOAUTH|^-MASTERDOWN/.test(data.toString())))
    socket.once('error', () => finish(false))
  })
}
