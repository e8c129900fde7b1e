/** Events as logs of OpenTelemetry's, for who keeps a collector. */
export type { Transport } from '../types.ts'
export type { OtlpOptions } from './options.ts'
export { otlpTransport } from './transport.ts'
