import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { pinnedTo } from '../pinning.ts'
import type { FixedRateOptions } from './fixed-rate.ts'

export interface FixedRateRequest extends FixedRateOptions {
  url: string
}

export interface FixedRateSummary {
  requests: number
  p50Ms: number
  p99Ms: number
  p999Ms: number
  errors: number
}

/** `fixedRate` in a process of its own on the given CPU, so that it takes nothing from what is measured. */
export async function fixedRateFrom(cpu: number, request: FixedRateRequest): Promise<FixedRateSummary> {
  const program = fileURLToPath(new URL('./fixed-rate-main.ts', import.meta.url))
  const [command, ...args] = [...pinnedTo(cpu), process.execPath, program, JSON.stringify(request)]
  const { stdout } = await promisify(execFile)(command!, args, { timeout: (request.seconds + 60) * 1_000 })
  return JSON.parse(stdout) as FixedRateSummary
}
