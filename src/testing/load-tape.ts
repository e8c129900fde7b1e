/** Tapes that a test plays back. */
import { playBackBy } from '../client/bare-calls.ts'
import { playBindings, playOver } from '../tape/play-bindings.ts'
import { playCalls } from '../tape/play-calls.ts'
import { Player } from '../tape/player.ts'

let fetchOfHost: typeof fetch | undefined

/** The host's own `fetch`: a test that plays a tape back puts another in its place. */
export const hostFetch = (): typeof fetch => fetchOfHost ?? fetch

/** A tape to play back. */
export interface LoadedTape {
  /** Where what the code was given is masked, of the calls that it made by now: `d1 DB.first: card_number`. */
  readonly masked: readonly string[]
  /**
   * @throws {Error} with each call that was made and is not on the tape, beside the nearest one that is: also where the
   * application has caught that error
   */
  expectKnown(): void
  /** As {@link LoadedTape.expectKnown}. @throws {Error} with the calls on the tape that were not made */
  expectUsed(): void
}

/**
 * Loads a tape. From then on handles play `call`, `now`, `uuid`, `fetch` and `bindings` back from it, and adapters neither
 * record nor send anything, whether or not there is a key. The last tape that was loaded is played. Beyond what was recorded,
 * `now` is `Date.now()`, and each `uuid` another that is made up.
 * @param tape what `NAME.tape.json` holds
 * @throws {TypeError} where it is no tape of version 1
 * @example
 * const tape = loadTape(await import('./order.tape.json'))
 * vi.stubGlobal('fetch', replayFetch(tape))
 * const response = await app.request('/orders/42', {}, replayBindings(tape))
 * tape.expectKnown()
 * expect(response.status).toBe(200)
 */
export function loadTape(tape: unknown): LoadedTape {
  const player = new Player(tape)
  fetchOfHost ??= fetch
  const calls = playCalls(player)
  playBackBy({
    fetch: () => calls.fetch,
    bindings: env => playOver(player, env),
    call: (_find, name, input) => calls.call(name, input) as never,
    now: () => calls.now(),
    uuid: () => calls.uuid(),
    within: (_env, run) => run(),
  })
  return player
}

/**
 * A Worker's `env`: each binding and variable that is on the tape. Writes return what was recorded, and are not performed.
 * @param given what is to stand there instead, or besides: the value of a secret, of which the tape has the name alone
 */
export function replayBindings<Env extends object>(tape: LoadedTape, given: Partial<Env> = {}): Env {
  return playBindings(playerOf(tape), given) as Env
}

/** A `fetch` that is answered from the tape. Nothing leaves. */
export function replayFetch(tape: LoadedTape): typeof fetch {
  return playCalls(playerOf(tape)).fetch
}

/** @throws {TypeError} where {@link loadTape} did not return it */
export function playerOf(tape: LoadedTape): Player {
  if (tape instanceof Player) return tape
  throw new TypeError('This is no tape that loadTape returned.')
}
