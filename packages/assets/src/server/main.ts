import { createLogger, systemClock } from '@millrace/core'
import { processRegistry, startExporter } from '@millrace/core/metrics'
import { createImageServer } from './image-server.ts'
import { imageProcessSettings, SETTINGS_VARIABLE } from './settings.ts'

/** The image process: decoders of strangers' files run here and nowhere else. */
const settings = imageProcessSettings.parse(JSON.parse(process.env[SETTINGS_VARIABLE] ?? '{}'))
const { config, telemetry, instance } = settings
const logger = createLogger({ level: settings.logLevel, bindings: { instance } })
const registry = processRegistry()
const exporter = startExporter({
  registry,
  target: telemetry,
  resource: { service: 'assets', instance },
  logger,
})
const server = await createImageServer({ ...settings, config, registry, clock: systemClock, logger })

let stopping: Promise<void> | undefined
const stop = (): void => {
  stopping ??= server
    .close()
    .catch((error: unknown) => logger.error({ err: error }, 'the image server did not close cleanly'))
    .then(() => exporter.stop())
    .then(() => process.exit(0))
}
process.once('SIGTERM', stop)
process.once('SIGINT', stop)
// The supervisor is gone: nobody would ever end this process.
process.once('disconnect', stop)

await server.app.listen({ host: '127.0.0.1', port: settings.port })
