/** The calls that are made by a handle, played back. */
import { playFetch } from './play-fetch.ts'
import type { Player } from './player.ts'

/** How a handle makes each of its calls, but for those on bindings. */
export interface PlayedCalls {
  readonly fetch: typeof fetch
  call(name: string, input: unknown): unknown
  now(): number
  uuid(): string
}

/** Code that goes further than when it was recorded needs no more of the world for a time or an id: those are made up. */
export function playCalls(player: Player): PlayedCalls {
  let made = 0
  return {
    fetch: (input: Request | string | URL, init?: RequestInit) =>
      playFetch(player, { kind: 'fetch' }, [input, init]) as Promise<Response>,
    call: (name, input) => player.playNow('call', String(name), 'call', input, {}),
    now: () => Number(player.playNext('now', 'clock', 'now') ?? Date.now()),
    uuid: () =>
      String(
        player.playNext('uuid', 'random', 'uuid') ?? `00000000-0000-4000-8000-${String(++made).padStart(12, '0')}`,
      ),
  }
}
