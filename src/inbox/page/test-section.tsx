/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { inboxFlag } from '../loopback.ts'
import { CopyButton } from './copy-button.tsx'
import { EventText } from './event-text.tsx'
import { Scrollable } from './scrollable.tsx'

/** UTF-16 units of the test that a page shows. */
const MAX_CODE = 12_000

/** An event as a test. */
export interface EventTest {
  /** Of both files. */
  name: string
  code: string
}

export interface TestSectionProps {
  id: string
  test: EventTest
  rawUrl: string
  inboxUrl: string
}

/** The event as a test: its file, the tape beside it, and the command that writes both. */
export function TestSection({ id, test: { name, code }, rawUrl, inboxUrl }: TestSectionProps) {
  return (
    <section class="panel" id="test" aria-labelledby="test-title">
      <h2 id="test-title">Keep as a test</h2>
      <p>
        Two files, which belong in one folder of your project. The first calls your application; the second plays back
        the outside.
      </p>
      <div class="panel-head">
        <h3>{name}.test.ts</h3>
        <span class="file-actions">
          <CopyButton fromUrl={`${rawUrl}/test`} what="the test" />
          <Download url={`${rawUrl}/test`} name={`${name}.test.ts`} />
        </span>
      </div>
      <Scrollable label="The test" className="code">
        <EventText text={code} maxLength={MAX_CODE} />
      </Scrollable>
      <div class="panel-head">
        <h3>{name}.tape.json</h3>
        <span class="file-actions">
          <CopyButton fromUrl={`${rawUrl}/test/tape`} what="the tape" />
          <Download url={`${rawUrl}/test/tape`} name={`${name}.tape.json`} />
        </span>
      </div>
      <div class="panel-head">
        <h3>Or by a command</h3>
        <CopyButton from="test-command" what="the command that writes both" />
      </div>
      <pre id="test-command" class="code wrapped">
        npx replaystack test {id}
        {inboxFlag(inboxUrl)}
      </pre>
    </section>
  )
}

function Download({ url, name }: { url: string; name: string }) {
  return (
    <a class="button small" href={url} download={name}>
      Download <span class="visually-hidden">{name}</span>
    </a>
  )
}
