/** What a webhook is sent: the form that Slack or Discord takes, by its address, else one that says all. */
import type { EventSummary } from '../store.ts'
import type { AlertRule } from './alert.ts'

/** Characters of an event's text in a message. */
const MAX_TEXT_LENGTH = 300
/** @see https://docs.discord.com/developers/resources/webhook#execute-webhook */
const MAX_DISCORD_LENGTH = 2000

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
    // The link is always there: no event is so long that it has no place, and a query that is has none in it.
    const end = `\n<${link.length > MAX_DISCORD_LENGTH / 2 ? `${rule.inboxUrl}/` : link}>`
    const text = lines
      .map(escapeDiscord)
      .join('\n')
      .slice(0, MAX_DISCORD_LENGTH - end.length)
    const content = text.replace(/[\ud800-\udbff\\]+$/, '') + end
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
  return {
    ...{ status, statusCode, method: cut(method), route: cut(route) },
    ...{ errorName: cut(errorName), errorMessage: cut(errorMessage) },
  }
}

/** One line, without what a terminal or a chat would obey, or half a character, for which a message may be refused. */
function cut(text: string | undefined): string | undefined {
  return text?.slice(0, MAX_TEXT_LENGTH).replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ')
}

/**
 * Slack makes a link of every address in a text, as Discord does.
 *
 * @see https://docs.slack.dev/messaging/formatting-message-text/#escaping
 */
function escapeSlack(text: string): string {
  return breakLinks(text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'))
}

/** Formats stay letters; mentions are switched off by the message itself. */
function escapeDiscord(text: string): string {
  return breakLinks(text.replace(/[\\`*_~|<>[\]()#-]/g, '\\$&'))
}

/** An address as text that nobody can follow by a click: an invisible character is in it. */
function breakLinks(text: string): string {
  return text.replaceAll('://', ':\u200b//')
}
