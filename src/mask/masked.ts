/** Stands where a secret stood. */
export const MASKED = '[MASKED]'
