interface Undo {
  /** Undoes it in order. */
  politely(): Promise<void> | void
  /** Undoes it at once, without waiting: the process is about to end. */
  atOnce(): void
}

/** Milliseconds that an orderly ending may take. */
const DEADLINE_MS = 5000

/** What was started and must not outlive the demo, in the order in which it was started. */
export class Cleanup {
  readonly #undos: Undo[] = []

  constructor() {
    // Whatever ends the process: an error that nobody caught, `process.exit`.
    process.once('exit', () => this.#runAtOnce())
  }

  add(undo: Undo): void {
    this.#undos.push(undo)
  }

  /** Undoes everything, the last first; what takes too long is ended at once. */
  async run(): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const deadline = new Promise<void>(resolve => {
      timer = setTimeout(resolve, DEADLINE_MS)
    })
    await Promise.race([this.#runPolitely(), deadline])
    clearTimeout(timer)
    this.#runAtOnce()
  }

  async #runPolitely(): Promise<void> {
    for (const undo of this.#undos.toReversed()) {
      try {
        await undo.politely()
      } catch {
        // It is undone at once, with the rest.
      }
    }
  }

  #runAtOnce(): void {
    for (const undo of this.#undos.splice(0).reverse()) {
      try {
        undo.atOnce()
      } catch {
        // Nobody is left to be told.
      }
    }
  }
}
