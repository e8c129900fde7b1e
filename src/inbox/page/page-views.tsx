/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { EventPage, type EventPageProps } from './event-page.tsx'
import { ListPage, type ListPageProps } from './list-page.tsx'
import { MessagePage, type MessagePageProps } from './message-page.tsx'

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
