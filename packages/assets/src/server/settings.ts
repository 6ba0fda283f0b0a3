import { z } from 'zod'
import { assetsConfig } from '../config.ts'

/** The variable in which the supervisor hands the image process everything it needs. */
export const SETTINGS_VARIABLE = 'MILLRACE_ASSETS_SETTINGS'

export const imageProcessSettings = z.object({
  config: assetsConfig,
  port: z.int(),
  origin: z.string(),
  internalPrefixes: z.array(z.string()),
  folder: z.string(),
  shared: z.object({ module: z.string(), options: z.unknown() }).optional(),
  instance: z.string(),
  telemetry: z.object({ url: z.string(), token: z.string() }),
  logLevel: z.string(),
})

export type ImageProcessSettings = z.output<typeof imageProcessSettings>
