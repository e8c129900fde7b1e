import { expect, it } from 'vitest'
import { formatTopFrame } from '../../src/inbox/format.ts'
import { findTopFrame, readTopFrame } from '../../src/inbox/top-frame.ts'
import { createSampleEvent } from './sample-event.ts'
import { createTestApp } from './test-app.ts'

const FRAMES = [
  { raw: '', functionName: 'dispatch', fileName: 'index.js', lineNumber: 1, columnNumber: 2 },
  { raw: '', functionName: 'i', fileName: 'index.js', lineNumber: 900, columnNumber: 7 },
]

it('is the first frame of the application, in its source as it was when the event arrived', () => {
  const { store } = createTestApp()
  const keep = (isMapped: boolean) => {
    const event = createSampleEvent({ status: 'failed', stackFrames: FRAMES })
    const sources = {
      'index.js:1:2': { fileName: 'node_modules/hono/compose.js', lineNumber: 4, columnNumber: 1, own: false },
      'index.js:900:7': {
        functionName: 'createOrder',
        fileName: 'src/orders.ts',
        lineNumber: 18,
        columnNumber: 3,
        own: true,
      },
    }
    return store.insert({ event, json: JSON.stringify(event), ...(isMapped && { sources }) }).summary.id
  }
  const place = { functionName: 'createOrder', fileName: 'src/orders.ts', lineNumber: 18, columnNumber: 3 }
  expect(findTopFrame(store, keep(true))).toEqual(place)
  expect(findTopFrame(store, keep(false))).toMatchObject({ fileName: 'index.js', lineNumber: 1 })
  expect(findTopFrame(store, 'nobody')).toBeUndefined()
})

it('is read from a stream, and is one line of a terminal', () => {
  const frame = readTopFrame('{"topFrame":{"functionName":"a\\u001b[31m","fileName":"src/a.ts","lineNumber":3}}')
  expect(frame && formatTopFrame(frame)).toMatch(/^ {10}at a\\u001b\[31m \(src\/a\.ts:3\)$/)
  for (const json of ['{}', '{"topFrame":null}', '{"topFrame":{"lineNumber":3}}', '[]']) {
    expect(readTopFrame(json)).toBeUndefined()
  }
})
