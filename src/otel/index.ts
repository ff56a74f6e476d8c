/** OpenTelemetry for a supervisor, on the package `@opentelemetry/api`: named exports only. */
export { flushTelemetry } from './flush.js'
export { type TelemetryOptions, createTelemetry } from './telemetry.js'
