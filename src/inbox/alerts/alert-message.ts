/** What a webhook is sent: the form that Slack or Discord takes, by its address, else one that says all. */
import type { EventSummary } from '../store.ts'
import type { AlertRule } from './alert.ts'

/** Characters of an event's text in a message. */
const MAX_TEXT_LENGTH = 300

export interface TriggeredAlert {
  project: string
  /** Events within the window, as far as they were counted. */
  count: number
  /** ISO 8601, UTC. */
  triggeredAt: string
  /** The newest of them. Nothing of it is sent unless the rule says so. */
  newest?: EventSummary | undefined
  /** Somebody tries the webhook out. */
  isTest?: boolean | undefined
}

type Rule = Pick<
  AlertRule,
  'alertId' | 'name' | 'query' | 'threshold' | 'windowMinutes' | 'url' | 'hasContent' | 'inboxUrl'
>

export function writeAlertMessage(rule: Rule, triggered: TriggeredAlert): string {
  const { hostname, pathname } = new URL(rule.url)
  const link = `${rule.inboxUrl}/?${new URLSearchParams({ query: rule.query })}`
  const lines = describe(rule, triggered)
  if (hostname === 'hooks.slack.com') {
    // Slack reads <!channel>, links and formats out of a text, but for what is escaped.
    return JSON.stringify({ text: [...lines.map(escapeSlack), `<${link}|Events>`].join('\n'), unfurl_links: false })
  }
  if (/(^|\.)discord(app)?\.com$/.test(hostname) && pathname.startsWith('/api/')) {
    const content = [...lines.map(escapeDiscord), `<${link}>`].join('\n').slice(0, 2000)
    return JSON.stringify({ content, allowed_mentions: { parse: [] } })
  }
  const { alertId, name, query, threshold, windowMinutes, hasContent } = rule
  const { project, count, triggeredAt, newest, isTest } = triggered
  const event = hasContent && newest ? { eventId: newest.id, ...contentOf(newest) } : undefined
  return JSON.stringify({
    type: isTest ? 'alert.test' : 'alert.triggered',
    // What else takes a Slack-like message reads this.
    text: [...lines, link].join('\n'),
    alertId,
    name,
    project,
    query,
    threshold,
    windowMinutes,
    count,
    triggeredAt,
    url: link,
    event,
  })
}

function describe({ name, threshold, windowMinutes, hasContent }: Rule, triggered: TriggeredAlert): string[] {
  const { project, count, newest, isTest } = triggered
  const window = windowMinutes === 1 ? 'a minute' : `${windowMinutes} minutes`
  const events = `${count} ${count === 1 ? 'event' : 'events'}`
  const first = isTest
    ? `${name} (${project}): this is a test`
    : `${name} (${project}): ${events} in ${window}, ${threshold} or more`
  if (!hasContent || !newest) return [first]
  const { errorName, errorMessage, method, route } = contentOf(newest)
  const error = [errorName, errorMessage].filter(part => part).join(': ')
  return [first, ...(error ? [error] : []), ...(route ? [[method, route].filter(part => part).join(' ')] : [])]
}

function contentOf({ errorName, errorMessage, method, route, status, statusCode }: EventSummary) {
  return { status, statusCode, method, route: cut(route), errorName: cut(errorName), errorMessage: cut(errorMessage) }
}

/** One line, without what a terminal or a chat would obey. */
function cut(text: string | undefined): string | undefined {
  return text?.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, MAX_TEXT_LENGTH)
}

/** @see https://docs.slack.dev/messaging/formatting-message-text/#escaping */
function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** Links and formats stay letters; mentions are switched off by the message itself. */
function escapeDiscord(text: string): string {
  return text.replace(/[\\`*_~|<>[\]()#-]/g, '\\$&').replace(/:\/\//g, ':\u200b//')
}
