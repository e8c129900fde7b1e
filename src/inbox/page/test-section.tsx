/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { inboxFlag } from '../loopback.ts'
import { CopyButton } from './copy-button.tsx'

export interface TestSectionProps {
  id: string
  /** Of both files. */
  name: string
  rawUrl: string
  inboxUrl: string
}

/** The event as a test: its two files, and the command that writes them. */
export function TestSection({ id, name, rawUrl, inboxUrl }: TestSectionProps) {
  return (
    <section class="panel" id="test" aria-labelledby="test-title">
      <h2 id="test-title">Keep as a test</h2>
      <p>
        Two files, which belong in one folder of your project. The first calls your application; the second plays back
        the outside.
      </p>
      <TestFile name={`${name}.test.ts`} url={`${rawUrl}/test`} what="the test" />
      <TestFile name={`${name}.tape.json`} url={`${rawUrl}/test/tape`} what="the tape" />
      <div class="with-copy">
        <pre id="test-command" class="code wrapped">
          npx replaystack test {id}
          {inboxFlag(inboxUrl)}
        </pre>
        <CopyButton from="test-command" what="the command that writes both" />
      </div>
    </section>
  )
}

function TestFile({ name, url, what }: { name: string; url: string; what: string }) {
  return (
    <p>
      <a href={url} download={name}>
        {name}
      </a>{' '}
      <CopyButton fromUrl={url} what={what} />
    </p>
  )
}
