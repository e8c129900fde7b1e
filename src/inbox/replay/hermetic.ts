/** A replay whose calls to the outside are played back from the event's tape. */
import { InboxError } from '../inbox-error.ts'
import type { Comparison } from './compare.ts'
import { shorten } from './compare-json.ts'
import { matchesMasked } from './masked-text.ts'
import type { ReplayRequest } from './plan.ts'
import { isFixed } from './verdict.ts'

/** What became of a replay. */
export interface ReplayOutcome {
  /** Whether an application has taken the tape. */
  taken: boolean
  /** What the replay's own event says; `null` where none has arrived. */
  event: ReplayedEvent | null
}

/** What the event of a replay says of it. */
export interface ReplayedEvent {
  id: string
  /** What the code asked and the tape does not have, each beside the nearest call that it has. */
  notOnTape: string[]
  /** What the tape has and the code did not ask. */
  notCalled: string[]
  /** Places in the results that the code got where there is a mask. */
  masked: string[]
  errorName?: string | undefined
  errorMessage?: string | undefined
}

/** Whoever sends an event's replays has the inbox wait for theirs: it links those events to the original, and no others. */
export interface OpenReplays {
  /** Begins to wait. @returns the id that the request is to carry where a tape is played back to it */
  open(traceId: string): Promise<string>
  /** @param waits whether the replay's event is waited for, some seconds at most */
  outcome(id: string, waits: boolean): Promise<ReplayOutcome>
}

/** The texts of a list that may be anything. */
export const textsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one: unknown) => typeof one === 'string') : []

/** The application does not play tapes back. */
export class HermeticError extends InboxError {
  override name = 'HermeticError'
}

/**
 * Asks whether an application plays tapes back, before it is sent what would reach the world if it did not. No adapter records
 * this path, and whatever is there is made to be asked.
 */
export const PROBE: ReplayRequest = { method: 'GET', path: '/health', headers: [] }

/** @throws HermeticError where the application did not take the tape of {@link PROBE} */
export function assertPlays({ taken }: ReplayOutcome, origin: string): void {
  if (taken) return
  throw new HermeticError(
    `${origin} plays no tapes back, so the request was not sent. It needs the variable REPLAYSTACK_REPLAY=1, ` +
      'recordCalls: tapeRecorder(), and this inbox as its REPLAYSTACK_ENDPOINT',
  )
}

/** @throws HermeticError where the application took the tape of {@link PROBE}, and not that of the request */
export function assertPlayed({ taken }: ReplayOutcome, origin: string): void {
  if (taken) return
  throw new HermeticError(`${origin} did not play the tape back for this request: what it calls was really called`)
}

/** What the code called, against what is on the tape. */
export interface PlayedTape extends Pick<ReplayedEvent, 'notOnTape' | 'notCalled' | 'masked'> {
  /** The event of the replay; `null` where none has arrived. */
  eventId: string | null
}

/** What a replay is held against besides its answer. */
export interface Expected extends Pick<ReplayedEvent, 'errorName' | 'errorMessage'> {
  /** What was captured; absent where another build's replay stands for it. */
  statusCode?: number | undefined
}

/**
 * What was compared, and what follows from the calls and from the error.
 *
 * @param expected absent where it is not known: the errors are then not compared
 */
export function judgeHermetic(
  expected: Expected | undefined,
  comparison: Comparison,
  statusCode: number,
  replayed: ReplayedEvent | null,
): Comparison & { tape: PlayedTape } {
  const { notOnTape = [], notCalled = [], masked = [] } = replayed ?? {}
  const tape = { eventId: replayed?.id ?? null, notOnTape, notCalled, masked }
  const error = replayed && expected ? compareErrors(expected, replayed) : []
  const differences = [...error, ...comparison.differences]
  const notes = [...comparison.notes]
  if (!replayed) {
    notes.push(
      'The application sent no event of the replay, so whether it called what is not on the tape is not known.',
    )
  }
  if (masked.length > 0) notes.push(`On the tape these are masked, and the code got the mask: ${masked.join(', ')}.`)
  const isSame = comparison.same && error.length === 0 && notOnTape.length === 0
  return { ...comparison, same: isSame, verdict: verdictOf(), differences, notes, tape }

  function verdictOf(): string {
    const [first] = notOnTape
    if (first !== undefined) {
      const calls = notOnTape.length === 1 ? 'a call' : `${notOnTape.length} calls`
      return `The code makes ${calls} that the tape does not have.`
    }
    if (isSame) return `From the tape alone, ${lowerFirst(comparison.verdict)}`
    const captured = expected?.statusCode
    if (isFixed(captured, statusCode)) {
      return `Fixed: from the same tape it answers ${statusCode}, where ${captured} was captured.`
    }
    return error.length > 0 && statusCode >= 400 ? 'It fails in another way.' : comparison.verdict
  }
}

const lowerFirst = (text: string): string => text.slice(0, 1).toLowerCase() + text.slice(1)

function compareErrors(expected: Expected, replayed: ReplayedEvent): Comparison['differences'] {
  return (['errorName', 'errorMessage'] as const).flatMap(name => {
    const [one, other] = [expected[name] ?? '', replayed[name] ?? '']
    if (one === other || matchesMasked(one, other) || matchesMasked(other, one)) return []
    const kind = one === '' ? 'added' : other === '' ? 'removed' : 'changed'
    return [{ path: name, kind, original: shorten(one), replayed: shorten(other) } as const]
  })
}
