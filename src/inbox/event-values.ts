import type { AuthMode, EventStatus, EventType, Level } from '../types.ts'

/** The wire's fixed vocabularies, in the order in which messages list them. */
export const EVENT_TYPES = ['api', 'queue', 'webhook', 'custom', 'cron'] as const satisfies readonly EventType[]
export const EVENT_STATUSES = ['success', 'failed', 'warning', 'pending'] as const satisfies readonly EventStatus[]
export const AUTH_MODES = [
  'bearer',
  'basic',
  'api_key',
  'cookie',
  'other',
  'none',
] as const satisfies readonly AuthMode[]
export const LEVELS = ['debug', 'info', 'warning', 'error'] as const satisfies readonly Level[]
