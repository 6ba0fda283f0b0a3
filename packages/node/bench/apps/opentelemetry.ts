import { register } from 'node:module'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http'
import { registerInstrumentations } from '@opentelemetry/instrumentation'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'

// Metrics only, no tracer: the least that OpenTelemetry needs for request rate and latency.
register('@opentelemetry/instrumentation/hook.mjs', import.meta.url)
const exporter = new OTLPMetricExporter({ url: `${process.env.MILLRACE_TELEMETRY_URL}/v1/metrics` })
const reader = new PeriodicExportingMetricReader({
  exporter,
  exportIntervalMillis: 2_000,
  exportTimeoutMillis: 1_000,
})
const meterProvider = new MeterProvider({ readers: [reader] })
registerInstrumentations({ meterProvider, instrumentations: [new HttpInstrumentation()] })
