import { connect } from 'node:net'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waitFor } from '@millrace/testing'
import { removeDataDir, startPlatform, temporaryDataDir, type Platform } from './support/platform.ts'

const config = path.resolve(import.meta.dirname, '../examples/store/millrace.config.ts')

describe('the store behind the gateway', () => {
  const dataDir = temporaryDataDir()
  let platform: Platform

  beforeAll(async () => {
    platform = await startPlatform({ args: ['--config', config], dataDir, deadlineMs: 150_000 })
  }, 180_000)

  afterAll(async () => {
    await platform?.stop()
    removeDataDir(dataDir)
  })

  it('serves the front end', async () => {
    const response = await fetch(platform.publicUrl)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toContain('text/html')
  })

  it('reaches every service through its prefix', async () => {
    for (const route of [
      '/services/shop/public/products',
      '/services/user/profile/1',
      '/services/content/feed/1',
      '/services/media/health',
    ]) {
      const response = await fetch(platform.publicUrl + route)
      expect([route, response.status]).toEqual([route, 200])
    }
  })

  it('answers a product picture as AVIF at a fraction of its bytes', async () => {
    const original = await fetch(`${platform.publicUrl}/images/product.jpg`)
    const originalBytes = (await original.arrayBuffer()).byteLength
    const optimized = await fetch(`${platform.publicUrl}/_millrace/image?src=/images/product.jpg&w=640`, {
      headers: { accept: 'image/avif,image/webp,*/*' },
    })
    expect(optimized.headers.get('content-type')).toBe('image/avif')
    expect(optimized.headers.get('vary')).toMatch(/accept/i)
    expect((await optimized.arrayBuffer()).byteLength).toBeLessThan(originalBytes / 4)
  })

  it('mounts the panel on the public port and asks for a password', async () => {
    // The public port may answer before the control plane does: until then, 503 with Retry-After.
    await waitFor(async () => (await fetch(`${platform.publicUrl}/admin`)).status === 200, {
      deadlineMs: 30_000,
    })
    expect((await fetch(`${platform.publicUrl}/api/auth/session`)).status).toBe(401)
    const change = await fetch(`${platform.publicUrl}/api/scaling/actions/restart`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"pool":"shop"}',
    })
    expect(change.status).toBe(401)
    expect(platform.output()).toMatch(/password/i)
  })

  it('hides the panel from connections that were forwarded', async () => {
    const response = await fetch(`${platform.publicUrl}/admin`, {
      headers: { 'x-forwarded-for': '203.0.113.9' },
    })
    expect(await response.text()).not.toContain('Millrace')
  })

  it('shows traffic in the metrics within seconds', async () => {
    const from = Date.now() - 60_000
    const moved = await waitFor(
      async () => {
        await fetch(`${platform.publicUrl}/services/shop/public/products`)
        const result = await platform.api<{ series: { values: (number | null)[] }[] }>(
          `/api/monitoring/range?metric=millrace_gateway_request_duration_seconds&aggregate=rate&from=${from}&to=${Date.now()}&where.pool=shop`,
        )
        return result.series.some((series) => series.values.some((value) => value !== null && value > 0))
      },
      { deadlineMs: 15_000 },
    )
    expect(moved).toBe(true)
  })

  it('names the missing capability instead of inventing numbers', async () => {
    const response = await fetch(new URL('/api/performance/cdn', platform.control.url), {
      headers: { authorization: `Bearer ${platform.control.token}` },
    })
    expect(response.status).toBe(503)
    expect(JSON.stringify(await response.json())).toContain('cdn')
  })

  it('listens on loopback only', async () => {
    const addresses = (await platform.components()).flatMap(({ address }) => address ?? [])
    expect(addresses.length).toBeGreaterThan(5)
    expect(addresses.filter((address) => !/127\.0\.0\.1|\[?::1\]?|localhost/.test(address))).toEqual([])
  })

  it('stops everything on Ctrl-C, and a second start finds its data', async () => {
    const pids = (await platform.components()).flatMap((component) => (component.pid ? [component.pid] : []))
    expect(pids.length).toBeGreaterThan(5)
    // Pictures that take their time: what was asked for before the stop is answered.
    const pictures = [1, 2, 3, 4, 5, 6].map(async (n) => {
      const source = `/images/product${n}.jpg`
      const response = await fetch(`${platform.publicUrl}/_millrace/image?src=${source}&w=1200&format=avif`)
      await response.arrayBuffer()
      return response.status
    })
    await Promise.any(pictures)
    expect(await platform.stop()).toBe(0)
    expect(await Promise.all(pictures)).toEqual([200, 200, 200, 200, 200, 200])
    await waitFor(() => Promise.resolve(pids.every((pid) => !alive(pid))), { deadlineMs: 5_000 })
    await expect(reachable(platform.port)).resolves.toBe(false)

    platform = await startPlatform({ args: ['--config', config], dataDir, deadlineMs: 60_000 })
    expect(platform.output()).not.toMatch(/password: /i)
    const catalogue = await platform.api<{ name: string }[] | { metrics: { name: string }[] }>(
      '/api/monitoring/catalogue',
    )
    expect(JSON.stringify(catalogue)).toContain('http_server_request_duration_seconds')
  })
})

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

function reachable(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
