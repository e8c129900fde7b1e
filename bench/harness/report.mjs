/** The head of a report: what was measured where, and the table that a README quotes. */
import os from 'node:os'
import { installed, versionOf } from './catalogue.mjs'
import { PINNED } from './cores.mjs'
import { COMPATIBILITY_DATE } from './serve.mjs'
import { median, show, table } from './statistics.mjs'

export function describeRun({ started, quick, rounds, yardsticks }) {
  const cores = os.cpus()
  const [load] = os.loadavg()
  const peers = yardsticks.filter(one => one.package).map(one => `${one.title} ${versionOf(one)}`)
  return `# What it costs

Written by \`npm run bench\`${quick ? ' -- --quick: too short to be quoted' : ''}, ${started.toISOString().slice(0, 16).replace('T', ' ')} UTC.

- Machine: ${cores.length} × ${cores[0]?.model ?? 'unknown'}, ${Math.round(os.totalmem() / 2 ** 30)} GB, ${os.type()} ${os.release()}, load average ${show(load, 1)} at the end. ${PINNED ? 'The application has one core to itself, as an isolate has in production; wrk and the ingest API share the other.' : 'All processes share its cores: figures of machines where each has its own (Linux, `taskset`, two cores) are other ones.'}
- Runtimes: workerd ${installed('workerd')}, compatibility date ${COMPATIBILITY_DATE} for all (Node's modules are on by it), no flags; Node ${process.versions.node} with @hono/node-server ${installed('@hono/node-server')}; Hono ${installed('hono')}.
- Application: \`POST /orders\`, 1 KB of JSON in and out, every request recorded, everything on loopback; minified by esbuild ${installed('esbuild')} for workerd.
- Peers: ${peers.join(', ')}.
- ${rounds} rounds, applications interleaved in each; medians, with the least and the most in brackets. Ratios are of the same round.`
}

const recorded = ({ requestBody, responseBody, requestHeaders }) => {
  const bodies = requestBody && responseBody ? 'both bodies' : requestBody ? 'request body' : 'no bodies'
  return `${bodies}, ${requestHeaders ? 'headers' : 'no headers'}`
}

const signed = value => `${value < 0 ? '' : '+'}${show(value, 1)}`

/** One line an application: how fast, how much it carries, how large. From whatever sections were measured. */
export function summarize({ workerd, size, start }, yardsticks) {
  if (!workerd) return ''
  const rows = yardsticks.flatMap(({ name, title }) => {
    const result = workerd.results.find(({ app }) => app.yardstick.name === name)
    if (!result) return []
    const [many, one] = result.loads
    const { sample } = result.app
    const addedBy = (section, unit, scale) => {
      const added = section?.added[name]
      return name === 'bare' || added === undefined ? '–' : `${signed(added / scale)} ${unit}`
    }
    const masks = sample && (sample.requestBody || sample.requestHeaders)
    return [
      [
        title,
        show(median(many.ofBare), 2),
        show(median(one.ofBare), 2),
        name === 'bare' ? '–' : `${signed(median(many.addedP99))} ms`,
        addedBy(start, 'ms', 1),
        addedBy(size, 'kB', 1000),
        sample ? recorded(sample) : '–',
        masks ? (sample.masked ? 'yes' : 'no') : '–',
      ],
    ]
  })
  const head = ['on workerd', '16 connections', '1 connection', 'p99', 'start', 'gzip', 'records', 'masks']
  const legend =
    '16 and 1 connections: requests per second, where the bare application is 1. p99: milliseconds added at 16 connections. ' +
    'start: milliseconds added to the first response of a new process. gzip: what it adds to the Worker. The last two: what ' +
    'an event carries, and whether secrets in it are masked.'
  return `## At a glance\n\n${legend}\n\n${table(head, rows)}`
}
