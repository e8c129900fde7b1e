import type { JsonValue } from '../../../../types.ts'
import { InboxError } from '../../../inbox-error.ts'
import { isJsonObject, type JsonObject } from '../../../replay/payload-kind.ts'
import { UsageError } from '../../command-options.ts'
import { type Actions, listOf, PROJECT, projectPath, readData } from './action.ts'

/** How a limit is taken away. */
const NONE = 'none'

export const LIMIT_ACTIONS: Actions = {
  limit: {
    required: [PROJECT],
    async run(ask, { argument, values }) {
      const month = readLimit('--month', values.month)
      const second = readLimit('--second', values.second)
      if (month === undefined && second === undefined) throw new UsageError('--month or --second is missing')
      const limits = { ...(month !== undefined && { month }), ...(second !== undefined && { second }) }
      const project = readData(await ask('PATCH', projectPath(argument), { limits }))
      return [`Project ${argument} takes ${describeLimits(project)}, within 10 seconds`]
    },
  },
  retention: {
    required: [PROJECT],
    async run(ask, { argument, values }) {
      const days = readLimit('--days', values.days)
      const events = readLimit('--events', values.events)
      if (days === undefined && events === undefined) throw new UsageError('--days or --events is missing')
      const retention = { ...(days !== undefined && { days }), ...(events !== undefined && { events }) }
      const project = readData(await ask('PATCH', projectPath(argument), { retention }))
      return [`Project ${argument} keeps ${describeRetention(project)}`]
    },
  },
  usage: {
    required: [],
    optional: 1,
    async run(ask, { argument }) {
      const rows = listOf(await ask('GET', '/usage'), 'projects')
      const shown = rows.filter(({ project }) => argument === '' || project === argument)
      if (argument !== '' && shown.length === 0) throw new InboxError(`There is no project ${argument}`)
      return shown.flatMap(row => formatUsage(row))
    },
  },
}

function readLimit(name: string, text: string | undefined): number | null | undefined {
  if (text === undefined) return undefined
  if (text === NONE) return null
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new UsageError(`${name} must be a whole number, 1 or more, or ${NONE}`)
  return Number(text)
}

function describeLimits({ limits }: JsonObject): string {
  const { month, second } = isJsonObject(limits) ? limits : {}
  const parts = [
    ...(month ? [`${formatEvents(month)} a month`] : []),
    ...(second ? [`${formatEvents(second)} a second`] : []),
  ]
  return parts.join(' and ') || 'as many events as come'
}

function describeRetention({ retention }: JsonObject): string {
  const { days, events } = isJsonObject(retention) ? retention : {}
  const age = days ? `for ${days} ${days === 1 ? 'day' : 'days'}` : 'for 30 days'
  return `the newest ${events || 1_000_000} events ${age}`
}

function formatEvents(count: JsonValue | undefined): string {
  return `${count} ${count === 1 ? 'event' : 'events'}`
}

/** A line for each month, the newest first. */
function formatUsage(row: JsonObject): string[] {
  const { project, usage } = row
  if (usage === null) return [`${project}  cannot be asked at this moment`]
  const months = listOf(row, 'usage')
  if (months.length === 0) return [`${project}  no events yet; it takes ${describeLimits(row)}`]
  return months.map(({ month, events, bytes }, index) => {
    const limits = index === 0 ? `; it takes ${describeLimits(row)}` : ''
    return `${project}  ${month}  ${formatEvents(events)}  ${bytes} bytes${limits}`
  })
}
