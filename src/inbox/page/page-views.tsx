/** @jsxRuntime automatic @jsxImportSource hono/jsx */

import type { ReplayResult } from '../replay/replay-result.ts'
import { ComparePage, type ComparePageProps } from './compare-page.tsx'
import { EventPage, type EventPageProps } from './event-page.tsx'
import { IssuePage, type IssuePageProps } from './issue-page.tsx'
import { IssuesPage, type IssuesPageProps } from './issues-page.tsx'
import { ListPage, type ListPageProps } from './list-page.tsx'
import { MessagePage, type MessagePageProps } from './message-page.tsx'
import { ReplayResultView } from './replay-result.tsx'
import { RoutesPage, type RoutesPageProps } from './routes-page.tsx'

const DOCTYPE = '<!doctype html>'

/** The list as HTML text. */
export function renderListPage(props: ListPageProps): string {
  return DOCTYPE + <ListPage {...props} />
}

/** An event as HTML text. */
export function renderEventPage(props: EventPageProps): string {
  return DOCTYPE + <EventPage {...props} />
}

/** Two events side by side as HTML text. */
export function renderComparePage(props: ComparePageProps): string {
  return DOCTYPE + <ComparePage {...props} />
}

/** The list of issues as HTML text. */
export function renderIssuesPage(props: IssuesPageProps): string {
  return DOCTYPE + <IssuesPage {...props} />
}

/** An issue as HTML text. */
export function renderIssuePage(props: IssuePageProps): string {
  return DOCTYPE + <IssuePage {...props} />
}

/** The numbers of routes as HTML text. */
export function renderRoutesPage(props: RoutesPageProps): string {
  return DOCTYPE + <RoutesPage {...props} />
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
