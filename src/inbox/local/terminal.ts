/** Where a command reads and writes: the process, or a test's stand-in. */
export interface Terminal {
  /** A line for stdout. */
  print(line: string): void
  /** A line for stderr. */
  printError(line: string): void
  /** Shows a line that the next one replaces; an empty one takes it away. @default there is nobody to watch */
  showProgress?: ((line: string) => void) | undefined
  /** Whether stdout takes colours. */
  color: boolean
  /** Aborted when the user asks the command to end. */
  interrupted: AbortSignal
}

/** A promise that is kept when the user asks the command to end. */
export function waitForInterrupt({ interrupted }: Terminal): Promise<void> {
  return new Promise(resolve => {
    if (interrupted.aborted) resolve()
    else interrupted.addEventListener('abort', () => resolve(), { once: true })
  })
}
