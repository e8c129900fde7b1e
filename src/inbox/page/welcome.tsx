/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { CopyButton } from './copy-button.tsx'
import { createSampleEvent } from './sample-event.ts'

/** The README's first ten lines. */
const SNIPPET = `import { Hono } from 'hono'
import { replaystack, type ReplayStackVariables } from '@replaystack/edge/hono'

const app = new Hono<{ Variables: ReplayStackVariables }>()
app.use(replaystack())

app.post('/orders', async c => {
  const order = await c.req.json()
  c.var.replaystack.addBreadcrumb('Charging card', { category: 'payment' })
  return c.json({ charged: order.items[0].sku }, 201)
})

export default app`

export interface WelcomeProps {
  /** The inbox's own address. */
  inboxUrl: string
  apiKey: string
  /** The project's name, in a team's inbox. @default it is the inbox of one machine */
  project?: string | undefined
  now: number
}

/** What the list is before there is anything to list: how to get the first event here. */
export function Welcome({ inboxUrl, apiKey, project, now }: WelcomeProps) {
  return (
    <div class="welcome" id="list" data-empty="">
      <p class="waiting">
        <span class="pulse" aria-hidden="true" /> Listening on {inboxUrl.replace(/^https?:\/\//, '')}
      </p>
      <h2>No events yet</h2>
      <p class="lead">
        Point an application here and its next request shows up, with what went in, what came out and what went wrong.
        Then replay it.
      </p>
      <ol class="steps">
        <li>
          <div class="panel-head">
            <h3>
              Add two lines to <code>.dev.vars</code> or <code>.env</code>
            </h3>
            <CopyButton from="welcome-env" what="the two lines" />
          </div>
          <pre
            id="welcome-env"
            class="code wrapped"
          >{`REPLAYSTACK_ENDPOINT=${inboxUrl}\nREPLAYSTACK_API_KEY=${project === undefined ? apiKey : `rs_live_${project}_…`}`}</pre>
          {project !== undefined && (
            <p class="hint">
              The key was shown when it was made. An admin makes others among its{' '}
              <a href={`${inboxUrl}/admin/projects/${project}`}>keys and limits</a>.
            </p>
          )}
        </li>
        <li>
          <div class="panel-head">
            <h3>Record its requests: one line with Hono, on any runtime</h3>
            <CopyButton from="welcome-code" what="the code" />
          </div>
          <pre id="welcome-code" class="code wrapped">
            {SNIPPET}
          </pre>
        </li>
        <li>
          <div class="panel-head">
            <h3>Send it a request</h3>
            <button
              type="button"
              class="button small scripted"
              data-sample={JSON.stringify(createSampleEvent(now))}
              data-key={apiKey}
            >
              Send a sample event instead
            </button>
          </div>
          <p class="muted">
            Secrets are masked before an event leaves it.
            {project === undefined && ' Nothing here leaves this machine.'}
          </p>
        </li>
      </ol>
    </div>
  )
}
