import type { Mask } from '../types.ts'

/** Finds one kind of personal data. */
export type Finder = Mask['find']
