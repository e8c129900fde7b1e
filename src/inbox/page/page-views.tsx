/** @jsxRuntime automatic @jsxImportSource hono/jsx */

import type { ReplayResult } from '../replay/replay-result.ts'
import { EventPage, type EventPageProps } from './event-page.tsx'
import { ListPage, type ListPageProps } from './list-page.tsx'
import { MessagePage, type MessagePageProps } from './message-page.tsx'
import { ReplayResultView } from './replay-result.tsx'

const DOCTYPE = '<!doctype html>'

/** The list as HTML text. */
export function renderListPage(props: ListPageProps): string {
  return DOCTYPE + <ListPage {...props} />
}

/** An event as HTML text. */
export function renderEventPage(props: EventPageProps): string {
  return DOCTYPE + <EventPage {...props} />
}

/** A message as HTML text. */
export function renderMessagePage(props: Omit<MessagePageProps, 'children'> & { text: string }): string {
  const { text, ...rest } = props
  return DOCTYPE + <MessagePage {...rest}>{text}</MessagePage>
}

/** What came of a replay, as the part of a page that shows it. */
export function renderReplayResult(result: ReplayResult): string {
  return String(<ReplayResultView result={result} />)
}
