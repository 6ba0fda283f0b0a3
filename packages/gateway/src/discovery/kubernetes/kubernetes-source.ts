import { backoffDelay, type Clock } from '@millrace/core'
import { request } from 'undici'
import { getJson } from '../json-request.ts'
import type { DiscoveryReport, DiscoverySource } from '../source.ts'
import { KubernetesAccess, type KubernetesSettings, type PodEnvironment } from './access.ts'
import { backendsOf, endpointSliceList, type EndpointSlice } from './endpoint-slices.ts'
import { applyEvent, ExpiredError, linesOf } from './watch-events.ts'

const LIST_MS = 30_000
/** The server ends a watch after this; nothing comes for so long only when there is nothing, bookmarks apart. */
const WATCH_SECONDS = 300
const WATCH_SLACK_MS = 30_000
/** Slices per page of a list. */
const PAGE = 500
/** Between two watches: a server that ends each of them at once is not asked without pause. */
const PAUSE_MS = 1_000

/**
 * Endpoints of a Kubernetes service: its EndpointSlices, listed once and then watched from there, as the API's concepts describe it
 * (kubernetes.io/docs/reference/using-api/api-concepts: efficient detection of changes, watch bookmarks, 410 Gone).
 */
export class KubernetesSource implements DiscoverySource {
  readonly kind = 'kubernetes'
  readonly target: string
  /** The API server knows: a service that is scaled to nothing has no endpoints. */
  readonly whenEmpty = 'remove'
  readonly #settings: KubernetesSettings
  readonly #origin: string
  readonly #clock: Clock
  readonly #access: KubernetesAccess
  readonly #slices = new Map<string, EndpointSlice>()
  /** Where the next watch continues; undefined: everything is listed first. */
  #version: string | undefined

  constructor(settings: KubernetesSettings, origin: string, clock: Clock, pod: PodEnvironment = {}) {
    this.#settings = settings
    this.#origin = origin
    this.#clock = clock
    this.#access = new KubernetesAccess(settings, pod)
    const { namespace, service } = settings
    this.target = `${namespace === undefined ? '' : `${namespace}/`}${service} at ${origin}`
  }

  async follow(report: DiscoveryReport, signal: AbortSignal): Promise<void> {
    try {
      for (let attempt = 0; !signal.aborted;) {
        let delayMs = PAUSE_MS
        try {
          if (this.#version === undefined) {
            await this.#list(signal)
            report.found(backendsOf(this.#slices.values(), this.#settings))
          }
          await this.#watch(report, signal, () => (attempt = 0))
          attempt = 0
        } catch (error) {
          if (signal.aborted) return
          if (error instanceof ExpiredError) {
            this.#version = undefined
            // The first time this is how a watch may end; a server that goes on so is one that fails.
            if (attempt++ === 0) continue
          }
          report.failed(error)
          delayMs = backoffDelay(attempt++, { baseMs: 1_000, maxMs: 30_000, jitter: 0.25 })
        }
        await this.#clock.sleep(delayMs, signal).catch(() => undefined)
      }
    } finally {
      await this.#access.close()
    }
  }

  async #url(parameters: Record<string, string>): Promise<URL> {
    const namespace = encodeURIComponent(await this.#access.namespace())
    const url = new URL(
      `apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`,
      this.#origin.replace(/\/?$/, '/'),
    )
    url.searchParams.set('labelSelector', `kubernetes.io/service-name=${this.#settings.service}`)
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
    return url
  }

  async #list(signal: AbortSignal): Promise<void> {
    const found = new Map<string, EndpointSlice>()
    let version = ''
    let next = ''
    do {
      const answer = await getJson(
        await this.#url({ limit: String(PAGE), ...(next === '' ? {} : { continue: next }) }),
        {
          headers: await this.#access.headers(),
          dispatcher: await this.#access.dispatcher(),
          timeoutMs: LIST_MS,
          signal,
        },
      )
      if (answer.status !== 200) throw refusal(answer.status, answer.text)
      const { metadata, items } = endpointSliceList.parse(answer.body)
      for (const slice of items ?? []) found.set(slice.metadata.name, slice)
      version = metadata.resourceVersion
      next = metadata.continue ?? ''
    } while (next !== '')
    this.#slices.clear()
    for (const [name, slice] of found) this.#slices.set(name, slice)
    this.#version = version
  }

  /** Resolves when the server ends it, which is nothing to worry about. */
  async #watch(report: DiscoveryReport, signal: AbortSignal, onAnswer: () => void): Promise<void> {
    const url = await this.#url({
      watch: '1',
      allowWatchBookmarks: 'true',
      resourceVersion: this.#version!,
      timeoutSeconds: String(WATCH_SECONDS),
    })
    const response = await request(url, {
      headers: {
        accept: 'application/json',
        'user-agent': 'millrace-gateway',
        ...(await this.#access.headers()),
      },
      dispatcher: await this.#access.dispatcher(),
      signal,
      headersTimeout: LIST_MS,
      bodyTimeout: WATCH_SECONDS * 1_000 + WATCH_SLACK_MS,
    })
    if (response.statusCode !== 200) {
      const text = (await response.body.text()).trim().slice(0, 200)
      throw refusal(response.statusCode, text)
    }
    try {
      // What failed before may have been the connection only, with nothing new to be told since.
      report.found(backendsOf(this.#slices.values(), this.#settings))
      for await (const lines of linesOf(response.body)) {
        for (const line of lines) this.#version = applyEvent(line, this.#slices) ?? this.#version
        onAnswer()
        report.found(backendsOf(this.#slices.values(), this.#settings))
      }
    } finally {
      response.body.on('error', () => undefined).destroy()
    }
  }
}

function refusal(status: number, text: string): Error {
  if (status === 410) return new ExpiredError(text)
  const hint =
    status === 401 || status === 403
      ? ' (endpointslices.discovery.k8s.io: get, list and watch are needed)'
      : ''
  return new Error(`the Kubernetes API answered ${status}: ${text}${hint}`)
}
