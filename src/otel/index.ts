/** OpenTelemetry for a supervisor, on the package `@opentelemetry/api`: named exports only. */
export { type TelemetryOptions, createTelemetry } from './telemetry.js'
