/** Recording of calls: an entry of its own, so that nobody else pays a byte for it. */
export type { CallRecorder, JsonValue } from '../types.ts'
export type { Tape, TapeCall, TapeKind } from './format.ts'
export { type TapeRecorderOptions, tapeRecorder } from './recorder.ts'
