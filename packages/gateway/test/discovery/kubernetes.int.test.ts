import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DiscoveryV1Api, KubeConfig, makeInformer } from '@kubernetes/client-node'
import { systemClock } from '@millrace/core'
import { waitFor } from '@millrace/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { apiServer, type KubernetesSettings } from '../../src/discovery/kubernetes/access.ts'
import { KubernetesSource } from '../../src/discovery/kubernetes/kubernetes-source.ts'
import { Collector } from '../support/collect.ts'
import { certificateFile, KubernetesFixture } from '../support/kubernetes-server.ts'

const ready = (...addresses: string[]) =>
  addresses.map((address) => ({ addresses: [address], conditions: { ready: true } }))

describe('Kubernetes discovery', () => {
  let server: KubernetesFixture
  let collector: Collector
  let serviceAccount: string
  beforeEach(async () => {
    server = new KubernetesFixture()
    await server.start()
    collector = new Collector()
    serviceAccount = mkdtempSync(join(tmpdir(), 'millrace-gateway-'))
    writeFileSync(join(serviceAccount, 'namespace'), 'store')
    writeFileSync(join(serviceAccount, 'token'), 'secret\n')
    writeFileSync(join(serviceAccount, 'ca.crt'), readFileSync(certificateFile))
  })
  afterEach(async () => {
    await collector.stop()
    await server.stop()
    rmSync(serviceAccount, { recursive: true })
  })

  /** As in a pod: address, namespace, token and certificates from its environment. */
  const follow = (more: Partial<KubernetesSettings> = {}): Collector => {
    const variables = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(server.port) }
    const settings = { service: 'shop', ...more }
    const pod = { variables, serviceAccount }
    return collector.follow(new KubernetesSource(settings, apiServer(settings, pod)!, systemClock, pod))
  }
  const lists = (): number => server.asked.filter((url) => !url.searchParams.has('watch')).length
  const watching = (): Promise<boolean> => waitFor(() => server.watches.size === 1)
  const becomes = (text: string): Promise<boolean> => waitFor(() => collector.last === text)

  it('lists the slices of the service, and follows them by watching', async () => {
    server.set({ name: 'shop-a', endpoints: ready('10.0.0.1', '10.0.0.2') })
    server.set({ name: 'other', service: 'other', endpoints: ready('10.9.9.9') })
    follow()
    await becomes('10.0.0.1:8080 10.0.0.2:8080')
    await watching()
    server.set({ name: 'shop-b', endpoints: ready('10.0.0.3') })
    await becomes('10.0.0.1:8080 10.0.0.2:8080 10.0.0.3:8080')
    server.set({ name: 'shop-a', endpoints: ready('10.0.0.2') })
    await becomes('10.0.0.2:8080 10.0.0.3:8080')
    server.delete('shop-a')
    await becomes('10.0.0.3:8080')
    expect(lists()).toBe(1)
    expect(collector.failures).toEqual([])
  })

  it('goes on from the last version, bookmarks included, when a watch ends', async () => {
    server.set({ name: 'shop-a', endpoints: ready('10.0.0.1') })
    follow()
    await watching()
    server.bookmark()
    const bookmarked = Number(server.asked.at(-1)!.searchParams.get('resourceVersion')) + 100
    await waitFor(() => collector.found.length >= 3)
    server.endWatches()
    await waitFor(() => server.watches.size === 0)
    server.set({ name: 'shop-a', endpoints: ready('10.0.0.2') })
    await becomes('10.0.0.2:8080')
    expect(Number(server.asked.at(-1)!.searchParams.get('resourceVersion'))).toBe(bookmarked)
    expect(lists()).toBe(1)
    expect(collector.failures).toEqual([])
  })

  it.each(['event', 'status'] as const)('lists again after 410 Gone as %s', async (gone) => {
    server.gone = gone
    server.set({ name: 'shop-a', endpoints: ready('10.0.0.1') })
    follow()
    await watching()
    server.endWatches()
    await waitFor(() => server.watches.size === 0)
    server.set({ name: 'shop-b', endpoints: ready('10.0.0.2') })
    server.delete('shop-a')
    server.compact()
    await becomes('10.0.0.2:8080')
    expect(lists()).toBe(2)
    expect(collector.failures).toEqual([])
  })

  it('goes on where it was after its connection was cut', async () => {
    server.set({ name: 'shop-a', endpoints: ready('10.0.0.1') })
    follow()
    await watching()
    server.cut()
    await waitFor(() => collector.failures.length > 0)
    server.set({ name: 'shop-a', endpoints: ready('10.0.0.2') })
    await becomes('10.0.0.2:8080')
    expect(lists()).toBe(1)
  })

  it('reads its token again, and says what is missing while it is refused', async () => {
    server.token = 'rotated'
    server.set({ name: 'shop-a', endpoints: ready('10.0.0.1') })
    follow()
    await waitFor(() => collector.failures.length > 0)
    expect(collector.failures[0]).toMatch(/answered 401: .*Unauthorized.*list and watch are needed/)
    writeFileSync(join(serviceAccount, 'token'), 'rotated')
    await becomes('10.0.0.1:8080')
  })

  it('trusts the certificates of the cluster only, as they are now', async () => {
    const valid = readFileSync(join(serviceAccount, 'ca.crt'))
    writeFileSync(join(serviceAccount, 'ca.crt'), '')
    server.set({ name: 'shop-a', endpoints: ready('10.0.0.1') })
    follow()
    await waitFor(() => collector.failures.length > 0)
    expect(collector.failures[0]).toMatch(/certificate/)
    writeFileSync(join(serviceAccount, 'ca.crt'), valid)
    await becomes('10.0.0.1:8080')
  })

  it('reads long lists in pages', async () => {
    for (let i = 0; i < 501; i++) {
      server.set({ name: `shop-${i}`, endpoints: ready(`10.0.${Math.floor(i / 250)}.${(i % 250) + 1}`) })
    }
    follow()
    await waitFor(() => collector.found[0]?.length === 501)
    expect(server.asked.map((url) => url.searchParams.get('limit'))).toEqual(
      expect.arrayContaining(['500', '500']),
    )
    expect(lists()).toBe(2)
  })

  it.each([
    [{ code: 500, message: 'etcdserver: leader changed' }, /500: .*leader changed/],
    [{ code: 403, message: 'cannot list' }, /403: .*cannot list.*list and watch are needed/],
  ])('%o is a failure, and the next try finds them', async (failure, message) => {
    server.failure = failure
    server.set({ name: 'shop-a', endpoints: ready('10.0.0.1') })
    follow()
    await waitFor(() => collector.failures.length > 0)
    expect(collector.failures[0]).toMatch(message)
    server.failure = undefined
    await becomes('10.0.0.1:8080')
  })

  it('a service scaled to nothing has none', async () => {
    server.set({ name: 'shop-a', endpoints: ready('10.0.0.1') })
    follow()
    await watching()
    server.set({ name: 'shop-a', endpoints: [], ports: [] })
    await waitFor(() => collector.found.at(-1)?.length === 0)
    expect(collector.failures).toEqual([])
  })

  it('sees what the official client sees, from the same server', async () => {
    const config = new KubeConfig()
    config.loadFromOptions({
      clusters: [{ name: 'c', server: server.address, caFile: certificateFile }],
      users: [{ name: 'u', token: 'secret' }],
      contexts: [{ name: 'x', cluster: 'c', user: 'u' }],
      currentContext: 'x',
    })
    const api = config.makeApiClient(DiscoveryV1Api)
    const labelSelector = 'kubernetes.io/service-name=shop'
    const informer = makeInformer(
      config,
      '/apis/discovery.k8s.io/v1/namespaces/store/endpointslices',
      () => api.listNamespacedEndpointSlice({ namespace: 'store', labelSelector }),
      labelSelector,
    )
    const official = (): string =>
      informer
        .list('store')
        .flatMap(({ endpoints, ports }) =>
          endpoints!.map(({ addresses }) => `${addresses[0]}:${ports![0]!.port}`),
        )
        .toSorted()
        .join(' ')
    const both = async (text: string): Promise<void> => {
      await waitFor(() => official() === text)
      await waitFor(() => collector.last.split(' ').toSorted().join(' ') === text)
    }
    server.set({ name: 'shop-a', endpoints: ready('10.0.0.1') })
    server.set({ name: 'shop-b', endpoints: ready('10.0.0.2') })
    await informer.start()
    try {
      follow()
      await both('10.0.0.1:8080 10.0.0.2:8080')
      await waitFor(() => server.watches.size === 2)
      server.set({ name: 'shop-a', endpoints: ready('10.0.0.3') })
      await both('10.0.0.2:8080 10.0.0.3:8080')
      server.bookmark()
      server.delete('shop-b')
      await both('10.0.0.3:8080')
      expect(collector.failures).toEqual([])
    } finally {
      await informer.stop()
    }
  })
})
