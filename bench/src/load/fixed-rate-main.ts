import { fixedRate } from './fixed-rate.ts'
import type { FixedRateRequest, FixedRateSummary } from './fixed-rate-process.ts'

const { url, ...options } = JSON.parse(process.argv[2]!) as FixedRateRequest
const { latencies, errors } = await fixedRate(url, options)
const at = (share: number): number => latencies[Math.ceil(latencies.length * share) - 1]!
const summary: FixedRateSummary = {
  requests: latencies.length,
  p50Ms: at(0.5),
  p99Ms: at(0.99),
  p999Ms: at(0.999),
  errors,
}
process.stdout.write(JSON.stringify(summary))
