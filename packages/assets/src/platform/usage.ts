import type { MetricReader, RangeResult } from '@millrace/core'
import { z } from 'zod'

export const usageSchema = z.object({
  windowMs: z.number(),
  /** Answers by format and result (memory, disk, optimized, not_modified, …). */
  answers: z.array(z.object({ format: z.string(), result: z.string(), count: z.number() })),
  /** Of the images made in the window. */
  inputBytes: z.number(),
  outputBytes: z.number(),
  /** 0–1; null when none was made. */
  saved: z.number().nullable(),
  servedBytes: z.number(),
})

/** Reads the image process's metrics. */
export async function readUsage(
  reader: MetricReader,
  now: number,
  windowMs: number,
): Promise<z.infer<typeof usageSchema>> {
  const query = { from: now - windowMs, to: now, aggregate: 'sum' } as const
  const [images, input, output, served] = await Promise.all([
    reader.range({ ...query, metric: 'millrace_assets_images_total', by: ['format', 'result'] }),
    reader.range({ ...query, metric: 'millrace_assets_input_bytes_total' }),
    reader.range({ ...query, metric: 'millrace_assets_output_bytes_total' }),
    reader.range({ ...query, metric: 'millrace_assets_served_bytes_total' }),
  ])
  const inputBytes = total(input)
  const outputBytes = total(output)
  return {
    windowMs,
    answers: images.series.map(({ labels, values }) => ({
      format: labels.format ?? '',
      result: labels.result ?? '',
      count: sum(values),
    })),
    inputBytes,
    outputBytes,
    saved: inputBytes > 0 ? 1 - outputBytes / inputBytes : null,
    servedBytes: total(served),
  }
}

const sum = (values: readonly (number | null)[]): number =>
  values.reduce<number>((total, value) => total + (value ?? 0), 0)

const total = ({ series }: RangeResult): number =>
  series.reduce((total, { values }) => total + sum(values), 0)
