/** The applications in the edge VM: a script without modules. */
import { withReplayStack } from '../../src/adapters/vercel/index.ts'
import { createFetchApp } from './fetch-app.ts'

interface FetchEvent {
  request: Request
  respondWith(response: Promise<unknown>): void
}
declare const addEventListener: (type: 'fetch', listener: (event: FetchEvent) => void) => void

const app = createFetchApp({
  wrap: (handler, options) => withReplayStack(handler, options),
  // Its server never cancels a stream whose client has left, nor ends a response to HEAD whose stream does not.
  lacks: [
    'head-stream',
    'head-stream-left',
    'left-after-the-first-piece',
    'left-an-untyped-stream',
    'left-events',
    'left-bytes',
    'left-a-known-length',
    'passed-on-and-left',
    'passed-on-known-and-left',
    'c-stream-left',
  ],
})

addEventListener('fetch', event => event.respondWith(Promise.resolve(event.request).then(app)))
