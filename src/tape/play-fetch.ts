/** Requests, answered from a tape. */
import { read } from '../safe-read.ts'
import { type Destination, noteRequest } from './http.ts'
import type { Player } from './player.ts'

/** Makes a request of which nothing leaves. */
export async function playFetch(player: Player, to: Destination, args: readonly unknown[]): Promise<unknown> {
  const signal = read(args[1], 'signal') ?? read(args[0], 'signal')
  if (read(signal, 'aborted') === true) throw read(signal, 'reason')
  const tape = player.openReading()
  const noted = noteRequest(() => tape, to, args)
  if (!noted) throw player.refuse('A request could not be read.')
  if (tape.pending) await tape.pending
  const { kind, target, method } = noted.call
  return player.playCopy(kind, target, method, noted.input, { url: String(read(noted.input, 'url')) })
}
