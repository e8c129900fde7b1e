import { fetchAllEvents, fetchReplayTarget, openReplays, putReplayTarget } from '../../replay/fetch-event.ts'
import { formatGate } from '../../replay/format-gate.ts'
import { countOutcomes, type GateResult } from '../../replay/gate-result.ts'
import { writeJunit } from '../../replay/junit.ts'
import { reportReplays } from '../../replay/report-replay.ts'
import type { KeptEvent } from '../../replay/test-file.ts'
import { cutToWidth, escapeControlCharacters } from '../../terminal-text.ts'
import { runGate } from '../replay/run-gate.ts'
import type { RunReplayOptions } from '../replay/run-replay.ts'
import { saveFile } from '../save-file.ts'
import type { Terminal } from '../terminal.ts'

export interface ReplayQueryOptions
  extends Omit<RunReplayOptions, 'eventId' | 'target' | 'signal' | 'replays' | 'history'> {
  query: string
  inbox: string
  to: string | undefined
  json: boolean
  isHermetic: boolean
  /** A file for JUnit's XML. */
  junit: string | undefined
}

/** Columns of the narrowest terminal that is cared for, less the one in which the cursor waits. */
const PROGRESS_WIDTH = 79
const BAR_WIDTH = 20

/**
 * `replaystack replay --query`: replays one event of each kind that a query finds.
 *
 * @returns 0 when each replay that could be made gave the same response, 1 when one differs or was not answered, 2 when
 * nothing could be replayed
 */
export async function replayQuery(
  { query, inbox, to, json, junit, isHermetic, ...options }: ReplayQueryOptions,
  terminal: Terminal,
): Promise<number> {
  const signal = terminal.interrupted
  const show = (text: string) => terminal.showProgress?.(cutToWidth(escapeControlCharacters(text), PROGRESS_WIDTH))
  try {
    const events = await fetchAllEvents(inbox, query, signal, (read, of) => show(`Reading events: ${read} of ${of}`))
    const targets = new Map<string, string>()
    const findTarget = async ({ id }: KeptEvent) => {
      const target = to ?? (await fetchReplayTarget(inbox, id, signal))
      if (target !== undefined) targets.set(id, target)
      return target
    }
    const onProgress = (done: number, of: number, title: string) =>
      show(`${drawBar(done / of)} ${done} of ${of}  ${title}`)
    const open = ({ id }: KeptEvent) => openReplays(inbox, { eventId: id, isHermetic }, signal)
    const openHistory = ({ id }: KeptEvent) => reportReplays(inbox, id, signal)
    const entries = await runGate(events, { ...options, isHermetic, findTarget, open, openHistory, onProgress, signal })
    const answered = new Map(entries.map(entry => [entry.service, entry.result && entry.id]))
    for (const id of answered.values()) {
      const target = targets.get(id ?? '')
      if (id === undefined || target === undefined) continue
      await putReplayTarget(inbox, id, target, signal).catch(() => {
        // The replays were answered: an inbox that is gone by now changes nothing about them.
      })
    }
    const { baseline } = options
    const result: GateResult = {
      query,
      ...(to !== undefined && { target: to }),
      ...(baseline !== undefined && { baseline }),
      found: events.length,
      entries,
    }
    const counts = countOutcomes(entries)
    terminal.showProgress?.('')
    if (junit !== undefined) await saveFile(junit, writeJunit(result), true)
    terminal.print(json ? escapeControlCharacters(JSON.stringify({ ...result, counts })) : formatGate(result, terminal))
    if (counts.different + counts.unanswered > 0) return 1
    if (counts.same > 0) return 0
    terminal.printError(`replaystack: ${events.length === 0 ? 'No event was found' : 'No event could be replayed'}`)
    return 2
  } finally {
    terminal.showProgress?.('')
  }
}

function drawBar(part: number): string {
  const filled = Math.round(part * BAR_WIDTH)
  return `[${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}]`
}
