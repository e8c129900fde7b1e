import { addressOf } from './addresses.ts'
import { getElement } from './elements.ts'
import { scheduleRefresh } from './page-refresh.ts'

/** Milliseconds before a stream that the browser gave up is opened again. */
const RETRY = 3000

/**
 * Follows these events of the inbox's stream, and says whether the page is live.
 *
 * @param onMessage is called with each of them, and its data. @default the page is asked for again
 */
export function watchStream(
  types: readonly string[],
  onMessage: (type: string, data: string) => void = scheduleRefresh,
): void {
  const live = getElement('live', HTMLElement)
  const text = getElement('live-text', HTMLElement)
  const show = (state: string, said: string) => {
    live.dataset['state'] = state
    text.textContent = said
  }
  let source: EventSource
  const open = () => {
    source = new EventSource(addressOf('/api/v1/stream'))
    source.addEventListener('open', () => {
      show('live', 'live')
      // What came between the page and the stream.
      scheduleRefresh()
    })
    for (const type of types) source.addEventListener(type, ({ data }) => onMessage(type, String(data)))
    source.addEventListener('error', () => {
      show('lost', 'reconnecting')
      if (source.readyState === EventSource.CLOSED) setTimeout(open, RETRY)
    })
  }
  open()
  // A page that is kept to go back to holds no connection.
  addEventListener('pagehide', () => source.close())
  addEventListener('pageshow', event => event.persisted && open())
}
