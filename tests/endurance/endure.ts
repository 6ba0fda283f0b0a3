import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { waitFor } from '@millrace/testing'
import { startPlatform } from '../support/platform.ts'
import { held, type Held } from './resources.ts'
import { Upheaval, type Done } from './upheaval.ts'
import { Visitors } from './visitors.ts'

export interface EnduranceOptions {
  engine: 'node' | 'haproxy'
  seconds: number
  /** Spread over the second half of the time. */
  reloads: number
  visitors?: number
  progress(this: void, message: string): void
}

export interface EnduranceReport {
  requests: number
  failures: string[]
  slowestMs: number
  done: Done
  /** Of the supervisor and the gateway's processes: after the first tenth, at the end of the first half, and at the end. */
  held: { early: Held; half: Held; end: Held }
}

const configuration = (application: string, brokenFile: string): object => ({
  applications: {
    shop: {
      command: `node ${application}`,
      instances: 3,
      routes: [
        {
          path: '/',
          split: {
            name: 'release',
            kind: 'canary',
            parts: [
              { application: 'shop', share: 100 },
              { application: 'next', share: 0 },
            ],
            canary: {
              steps: [5, 25, 50, 100],
              holdMs: 1_000,
              minRequests: 50,
              latencyMargin: 10,
              latencySlackMs: 1_000,
            },
          },
        },
      ],
    },
    next: { command: `node ${application}`, instances: 2, env: { BROKEN_FILE: brokenFile } },
  },
})

/** A platform under load while everything around the gateway changes. Whether anything failed is in the report. */
export async function endure(options: EnduranceOptions): Promise<EnduranceReport> {
  const { engine, seconds, reloads, visitors: lanes = 16, progress } = options
  const folder = mkdtempSync(path.join(tmpdir(), 'millrace-endurance-'))
  const brokenFile = path.join(folder, 'broken')
  const application = path.join(import.meta.dirname, 'application.mjs')
  writeFileSync(
    path.join(folder, 'millrace.config.json'),
    JSON.stringify(configuration(application, brokenFile)),
  )
  const platform = await startPlatform({
    args: [],
    cwd: folder,
    dataDir: path.join(folder, 'data'),
    env: { MILLRACE_GATEWAY_ENGINE: engine, BROKEN_FILE: '' },
  })
  const upheaval = new Upheaval(platform, brokenFile)
  // Visitors are answered before the control plane is.
  await waitFor(() => upheaval.act('gateway', 'stats', {}), { deadlineMs: 60_000, intervalMs: 200 }).catch(
    async (error: unknown) => {
      await platform.stop()
      throw error
    },
  )
  const visitors = new Visitors(platform.publicUrl, lanes)
  const pid = platform.process.pid!
  const startedAt = performance.now()
  const elapsed = (): number => (performance.now() - startedAt) / 1_000
  const say = (what: string): void => {
    const { processes, megabytes, descriptors } = held(pid)
    const numbers = `${visitors.answered} answered, ${visitors.failures.length} failed; ${processes} processes, ${megabytes} MB, ${descriptors} descriptors`
    progress(`${elapsed().toFixed(0)} s ${what}: ${numbers}`)
  }
  try {
    let early: Held | undefined
    let half: Held | undefined
    while (elapsed() < seconds) {
      const changes = [
        () => upheaval.scale(5),
        () => upheaval.kill(),
        () => upheaval.promote(),
        () => upheaval.scale(2),
        () => upheaval.rollBack(),
        () => upheaval.kill(),
        () => upheaval.restart(),
        () => upheaval.scale(3),
      ]
      for (const change of changes) {
        await change()
        if (elapsed() > seconds / 10) early ??= held(pid)
        if (elapsed() > seconds / 2) {
          half ??= held(pid)
          const share = (elapsed() - seconds / 2) / (seconds / 2)
          while (upheaval.done.reloads < Math.min(reloads, Math.ceil(reloads * share)))
            await upheaval.reload()
        }
      }
      say('a round is over')
    }
    while (upheaval.done.reloads < reloads) await upheaval.reload()
    await visitors.stop()
    const end = held(pid)
    return {
      requests: visitors.answered + visitors.failures.length,
      failures: visitors.failures,
      slowestMs: Math.round(visitors.slowestMs),
      done: upheaval.done,
      held: { early: early ?? end, half: half ?? end, end },
    }
  } finally {
    await visitors.stop()
    await platform.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}
