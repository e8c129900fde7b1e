/** Replays as JUnit's XML, as CI systems read it. @see https://github.com/testmoapp/junitxml */
import { escapeControlCharacters } from '../terminal-text.ts'
import { formatReplay } from './format-replay.ts'
import { countOutcomes, type GateEntry, type GateResult, isFixed, nameDifferences } from './gate-result.ts'

export function writeJunit({ entries, query }: GateResult): string {
  const counts = countOutcomes(entries)
  const seconds = entries.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1000
  const totals = [
    attribute('tests', entries.length),
    attribute('failures', counts.different + counts.unanswered),
    attribute('errors', 0),
    attribute('skipped', counts.skipped),
    attribute('time', seconds.toFixed(3)),
  ].join('')
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attribute('name', 'replaystack replay')}${totals}>`,
    `  <testsuite${attribute('name', query || 'all events')}${totals}>`,
    ...entries.map(writeCase),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
}

function writeCase(entry: GateEntry): string {
  const { id, title, service, statusCode, durationMs, outcome, reason = '', result } = entry
  const name = `${title} → ${statusCode ?? 'no status'} (${id.slice(0, 8)})`
  const start = `    <testcase${attribute('classname', service ?? 'replaystack')}${attribute('name', name)}${attribute('time', (durationMs / 1000).toFixed(3))}`
  if (outcome === 'same') return `${start}/>`
  if (outcome === 'skipped') return `${start}>\n      <skipped${attribute('message', reason)}/>\n    </testcase>`
  const fixed = isFixed(entry) ? 'It failed when it was captured, and fails no more. ' : ''
  const message = reason || `${fixed}The responses differ: ${nameDifferences(entry)}`
  const text = result ? escapeText(formatReplay(result)) : ''
  return `${start}>\n      <failure${attribute('message', message)}>${text}</failure>\n    </testcase>`
}

function attribute(name: string, value: string | number): string {
  return ` ${name}="${escapeText(escapeControlCharacters(String(value))).replaceAll('"', '&quot;')}"`
}

/** XML 1.0 has no place at all for most control characters, for lone surrogates and two noncharacters. */
function escapeText(text: string): string {
  return text
    .replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
}
