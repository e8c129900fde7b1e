/** The load that is timed: wrk, which is written in C and takes some 10 µs a request of its core. Debian has it as `wrk`. */

import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './helper.mjs'
import { headers, order } from './order.mjs'

const lua = value => `[==[${value}]==]`

const SCRIPT = `
wrk.method = "POST"
wrk.body = ${lua(JSON.stringify(order))}
${Object.entries(headers)
  .map(([name, value]) => `wrk.headers[ ${lua(name)} ] = ${lua(value)}`)
  .join('\n')}

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format('\\n{"answered":%d,"failed":%d,"seconds":%.6f,"p50":%.3f,"p99":%.3f}\\n',
    summary.requests - errors.status, failed, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
`

/** @throws saying what is missing */
export function requireWrk() {
  if (spawnSync('wrk', ['-v']).error) throw new Error('There is no wrk, which makes the load: apt-get install -y wrk')
}

/**
 * Sends orders as fast as they are answered, one at a time on each connection, for whole seconds.
 * @returns how many were answered and how many failed, in how many seconds, and latencies in milliseconds
 */
export async function drive({ url, connections, seconds }) {
  const folder = await mkdtemp(join(tmpdir(), 'replaystack-wrk-'))
  try {
    const script = join(folder, 'order.lua')
    await writeFile(script, SCRIPT)
    const args = ['-t', '1', '-c', String(connections), '-d', `${seconds}s`, '-s', script, `${url}/orders`]
    const child = run('wrk', args)
    await child.ended
    const line = child.log.trim().split('\n').at(-1)
    if (!line?.startsWith('{')) throw new Error(`wrk did not finish: ${child.log}`)
    const turn = JSON.parse(line)
    if (turn.answered === 0 || turn.failed > turn.answered / 100) throw new Error(`${turn.failed} requests failed.`)
    return turn
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
