import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ApplicationDiscover } from '@millrace/core'
import { Agent } from 'undici'

export type KubernetesSettings = NonNullable<ApplicationDiscover['kubernetes']>

/** Where a pod finds what it needs to speak to the API server. */
export interface PodEnvironment {
  /** Default: of this process. */
  variables?: NodeJS.ProcessEnv
  /** Default: where Kubernetes mounts it. */
  serviceAccount?: string
}

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'
const CONNECT_MS = 10_000

/** The address of the API server, by settings or from a pod's environment; undefined outside of a cluster. */
export function apiServer(settings: KubernetesSettings, pod: PodEnvironment): string | undefined {
  if (settings.address !== undefined) return settings.address
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } =
    pod.variables ?? process.env
  if (host === undefined || host === '') return undefined
  return `https://${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** Credentials are read again for each use: Kubernetes replaces a pod's token every hour, and at times its certificates. */
export class KubernetesAccess {
  readonly #settings: KubernetesSettings
  readonly #folder: string
  readonly #inPod: boolean
  #ca: string | undefined
  #agent: Agent | undefined

  constructor(settings: KubernetesSettings, pod: PodEnvironment) {
    this.#settings = settings
    this.#folder = pod.serviceAccount ?? SERVICE_ACCOUNT
    this.#inPod = settings.address === undefined
  }

  /** Rejects when it is neither configured nor to be found in the pod. */
  async namespace(): Promise<string> {
    const { namespace } = this.#settings
    if (namespace !== undefined) return namespace
    if (!this.#inPod) return 'default'
    return (await readFile(join(this.#folder, 'namespace'), 'utf8')).trim()
  }

  async headers(): Promise<Record<string, string>> {
    const { token, tokenFile = this.#inPod ? join(this.#folder, 'token') : undefined } = this.#settings
    const value = token ?? (tokenFile === undefined ? undefined : await readFile(tokenFile, 'utf8'))
    return value === undefined ? {} : { authorization: `Bearer ${value.trim()}` }
  }

  /** Connections that trust the cluster's certificates as they are now. */
  async dispatcher(): Promise<Agent> {
    const { caFile = this.#inPod ? join(this.#folder, 'ca.crt') : undefined } = this.#settings
    const ca = caFile === undefined ? undefined : await readFile(caFile, 'utf8')
    if (this.#agent === undefined || ca !== this.#ca) {
      const old = this.#agent
      this.#ca = ca
      this.#agent = new Agent({
        allowH2: false,
        connect: { timeout: CONNECT_MS, ...(ca === undefined ? {} : { ca }) },
      })
      await old?.destroy()
    }
    return this.#agent
  }

  async close(): Promise<void> {
    await this.#agent?.destroy()
    this.#agent = undefined
  }
}
