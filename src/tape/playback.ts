/** One request that a replay has sent: its calls are played back from the tape that the inbox has of it. */
import { callMember, read } from '../safe-read.ts'
import { type PlayedKind, playBinding, playBindings } from './play-bindings.ts'
import { type PlayedCalls, playCalls } from './play-calls.ts'
import { isTape, Player } from './player.ts'

/** The header by which a replay names its event and, where its calls are to be played back, itself. */
const HEADER = 'x-replaystack-replay'

/** `<event id>; tape=<replay id>`. */
const NAMES_TAPE = /^([\w-]{1,128}); tape=([\w-]{1,128})$/

/** Milliseconds that the inbox has to hand a tape over. */
const TIMEOUT_MS = 5_000

/** Calls that are named in an event, and characters of each. */
const MAX_NAMED = 20
const MAX_CHARACTERS = 2_000

/** What is played back to one request. */
export class Playback {
  readonly player: Player
  readonly calls: PlayedCalls
  readonly #bindings = new Map<string, object>()
  #known: object | undefined
  readonly #of: string
  readonly #replay: string

  /** @param tape none where there is only a reason to refuse every call */
  constructor(of: string, replay: string, tape: unknown) {
    this.#of = of
    this.#replay = replay
    this.player = new Player(tape)
    this.calls = playCalls(this.player)
  }

  /** A binding that the application has, whether or not it is on the tape. */
  binding(name: string, kind: PlayedKind): object {
    const binding = this.#bindings.get(name) ?? playBinding(this.player, kind, name)
    this.#bindings.set(name, binding)
    return binding
  }

  /** What is on the tape under a name of `env`, where the application has nothing of that name. */
  member(name: string): unknown {
    this.#known ??= playBindings(this.player, {})
    return Reflect.get(this.#known, name)
  }

  /** What the request's event says of it, in its metadata: of which event it is a replay, and what it did otherwise. */
  async close(): Promise<object> {
    const { unknown, unused, masked } = this.player
    const name = (texts: readonly string[]): string[] =>
      texts.slice(0, MAX_NAMED).map(text => text.slice(0, MAX_CHARACTERS))
    return {
      replay: {
        of: this.#of,
        id: this.#replay,
        notOnTape: name(unknown),
        notCalled: name(unused),
        masked: name(masked),
      },
    }
  }
}

/** Whether a URL is of this machine: `localhost`, an address of 127.0.0.0/8, or `[::1]`. */
function isLoopback(url: string): boolean {
  return /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/.test(new URL(url).hostname)
}

/**
 * Finds what is played back to a request. Nothing where the variable `REPLAYSTACK_REPLAY` is not `1`, or events go anywhere
 * but to this machine: no header and no URL of a request changes that.
 */
export function findPlayback(
  variables: object,
  { endpoint, ingestUrl }: { endpoint: string; ingestUrl: string },
  hasScopes: () => boolean,
): ((request: object) => Promise<Playback> | undefined) | undefined {
  if (read(variables, 'REPLAYSTACK_REPLAY') !== '1' || !isLoopback(endpoint) || !isLoopback(ingestUrl)) return undefined
  return request => {
    const headers = read(request, 'headers')
    const [, of, replay] = NAMES_TAPE.exec(String(callMember(headers, 'get', HEADER) ?? read(headers, HEADER))) ?? []
    return of !== undefined && replay !== undefined ? loadPlayback(endpoint, of, replay, hasScopes) : undefined
  }
}

/** Never rejects: where there is no tape, the request must not reach the world instead, so every call of it fails. */
async function loadPlayback(endpoint: string, of: string, replay: string, hasScopes: () => boolean): Promise<Playback> {
  const fails = (why: string): Playback =>
    new Playback(of, replay, { version: 1, complete: false, why: [why], calls: [] })
  try {
    const response = await fetch(`${endpoint}/api/v1/replays/${replay}/tape`, {
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    const text = await response.text()
    if (!hasScopes()) {
      return fails('Tapes are played back where there is AsyncLocalStorage: set the compatibility flag nodejs_compat')
    }
    const tape = response.ok ? read(JSON.parse(text), 'data', 'tape') : undefined
    if (isTape(tape)) return new Playback(of, replay, tape)
    return fails(`The inbox has no tape for this replay: it answered ${response.status}`)
  } catch (thrown) {
    return fails(`The inbox at ${endpoint} did not hand the tape over: ${String(callMember(thrown, 'toString'))}`)
  }
}
