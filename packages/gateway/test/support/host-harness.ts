import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createHostPorts,
  platformConfig,
  silentLogger,
  systemClock,
  type HostPart,
  type Instance,
  type InstanceSource,
  type MillraceConfig,
} from '@millrace/core'
import { gatewayConfig } from '../../src/config.ts'
import { host } from '../../src/host.ts'

/** Instances that a test sets; `set` resolves when the gateway has applied them, as the process manager relies on. */
export class TestSource implements InstanceSource {
  #instances: Instance[] = []
  readonly #listeners = new Set<(instances: readonly Instance[]) => Promise<void> | void>()

  list(): readonly Instance[] {
    return this.#instances
  }

  onChange(listener: (instances: readonly Instance[]) => Promise<void> | void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  async set(...instances: (Partial<Instance> & { id: string; port: number })[]): Promise<void> {
    this.#instances = instances.map((instance) => ({
      pool: instance.id.split('/')[0]!,
      host: '127.0.0.1',
      weight: 1,
      state: 'ready',
      ...instance,
    }))
    await Promise.all([...this.#listeners].map(async (listener) => listener(this.#instances)))
  }
}

/** The supervisor's side, as small as it can be. */
export class HostHarness {
  readonly source = new TestSource()
  readonly ports = createHostPorts()
  #dataDir = ''
  part!: HostPart
  url = ''

  async start(config: object, applications: MillraceConfig['applications']): Promise<void> {
    this.#dataDir = await mkdtemp(join(tmpdir(), 'millrace-gateway-'))
    this.ports.provide('instances', this.source)
    this.part = await host.start({
      name: 'gateway',
      config: gatewayConfig.parse({ port: 0, workers: 2, ...config }),
      platform: platformConfig.parse({ applications, logLevel: 'silent' }),
      logger: silentLogger,
      clock: systemClock,
      dataDir: this.#dataDir,
      telemetry: { url: 'http://127.0.0.1:9', token: 'none' },
      ports: this.ports,
      environment: () => ({}),
      changed: () => undefined,
    })
    this.url = this.part.status()[0]?.address ?? ''
  }

  get dataDir(): string {
    return this.#dataDir
  }

  get port(): number {
    return Number(new URL(this.url).port)
  }

  async stop(): Promise<void> {
    await this.part?.stop({ deadlineMs: 2_000 })
    if (this.#dataDir !== '') await rm(this.#dataDir, { recursive: true, force: true })
  }
}
