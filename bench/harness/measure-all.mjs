/** Runs the sections, each whatever became of the one before, and puts their tables together. */
import { measureBodies } from '../sections/bodies.mjs'
import { measureParts } from '../sections/parts.mjs'
import { measureSize } from '../sections/size.mjs'
import { measureStart } from '../sections/start.mjs'
import { measureThroughput } from '../sections/throughput.mjs'
import { bundleForNode } from './bundle.mjs'
import { YARDSTICKS } from './catalogue.mjs'
import { leaveApplicationsCore } from './cores.mjs'
import { startHelper } from './helper.mjs'
import { describeRun, summarize } from './report.mjs'
import { requireWrk } from './wrk.mjs'

/** Runs a section in a process of its own, with a garbage collector that can be asked. */
async function measureApart(name, { quick }, execArgv = []) {
  const probe = await startHelper(new URL('probe.mjs', import.meta.url), {
    args: [await bundleForNode(`sections/${name}`)],
    env: { NODE_ENV: 'production' },
    execArgv: ['--expose-gc', ...execArgv],
  })
  try {
    return await probe.ask('measure', { quick })
  } finally {
    await probe.stop()
  }
}

/** So that next to nothing is collected while allocations are counted. */
const LARGE_NURSERY = ['--min-semi-space-size=64', '--max-semi-space-size=64']

const SECTIONS = {
  workerd: { title: 'Throughput on workerd', measure: context => measureThroughput('workerd', context) },
  node: { title: 'Throughput on Node', measure: context => measureThroughput('node', context) },
  parts: { title: 'Where the time goes', measure: measureParts },
  capture: { title: 'One capture', measure: context => measureApart('capture', context) },
  skip: { title: 'A skipped event', measure: context => measureApart('skip', context, LARGE_NURSERY) },
  bodies: { title: 'Large bodies', measure: measureBodies },
  size: { title: 'Size', measure: measureSize },
  start: { title: 'Start', measure: measureStart },
  memory: { title: 'Memory', measure: context => measureApart('memory', context) },
}

/** What is going on: one line that changes on a terminal, a line a section elsewhere. */
function progress(doing, section = false) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${doing}`)
  else if (section) console.error(doing)
}

/** @returns the report as Markdown, and whether a section failed */
export async function measureAll({ quick, only = Object.keys(SECTIONS), apps, rounds = quick ? 2 : 5 }) {
  const unknown = only.find(name => !(name in SECTIONS))
  if (unknown) throw new Error(`--only ${unknown}: there are ${Object.keys(SECTIONS).join(', ')}.`)
  const stranger = apps?.find(name => !YARDSTICKS.some(yardstick => yardstick.name === name))
  if (stranger) throw new Error(`--apps ${stranger}: there are ${YARDSTICKS.map(({ name }) => name).join(', ')}.`)
  const yardsticks = YARDSTICKS.filter(({ name }) => !apps || name === 'bare' || apps.includes(name))
  requireWrk()
  leaveApplicationsCore()
  const ingest = await startHelper(new URL('ingest.mjs', import.meta.url))
  const load = await startHelper(new URL('load.mjs', import.meta.url))
  const ingestUrl = await ingest.ask('url')
  const started = new Date()
  const measured = {}
  const parts = []
  let failed = false
  for (const [name, { title, measure }] of Object.entries(SECTIONS)) {
    if (!only.includes(name)) continue
    progress(title, true)
    // Each section starts with empty books.
    await ingest.ask('forget')
    const context = { quick, rounds, turnSeconds: quick ? 1 : 2, yardsticks, ingest, ingestUrl, load, progress }
    try {
      measured[name] = await measure(context)
      parts.push(`## ${title}\n\n${measured[name].markdown}`)
    } catch (thrown) {
      failed = true
      parts.push(`## ${title}\n\nThis section failed: ${thrown.stack ?? thrown}`)
    }
  }
  progress('')
  await Promise.all([ingest.stop(), load.stop()])
  const text = [describeRun({ started, quick, rounds, yardsticks }), summarize(measured, yardsticks), ...parts]
  return { text: text.filter(Boolean).join('\n\n'), failed }
}
