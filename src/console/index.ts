/** What is written to a console, on the event of the request that it was written for. */
export type { LogReceiver } from '../types.ts'
export { recordConsole } from './record-console.ts'
