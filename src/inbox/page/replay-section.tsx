/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { inboxFlag } from '../loopback.ts'
import { MAX_TIMES, type ReplayNeed, type ReplayPlan } from '../replay/plan.ts'
import type { KeptReplay } from '../replay/replay-record.ts'
import { quoteText } from '../replay/shell-text.ts'
import { CopyButton } from './copy-button.tsx'
import { EventText } from './event-text.tsx'
import { NamedIcon } from './icons.tsx'
import { Notes } from './notes.tsx'
import { ReplayHistoryList } from './replay-history.tsx'

/** Masked values that a form can ask for: nobody fills in more. */
const MAX_NEEDS = 100

/** Where `wrangler dev` listens. */
const DEFAULT_TARGET = 'http://localhost:8787'

export interface ReplaySectionProps {
  id: string
  plan: ReplayPlan
  /** Where the replay goes by default, if that is known. */
  target: string | undefined
  /** Whether the calls that the application made can be played back to it. */
  hasTape: boolean
  /** Newest first. */
  replays: readonly KeptReplay[]
  now: number
  inboxUrl: string
  /** Whether replays can be sent from here; else a terminal sends them. */
  sendsReplays: boolean
}

/** Sends the captured request again, and shows both answers; or says why it cannot. */
export function ReplaySection({ replays, now, ...form }: ReplaySectionProps) {
  const { id, plan } = form
  const refusal =
    plan.refusal ??
    (plan.needs.length > MAX_NEEDS
      ? `It needs ${plan.needs.length} values that were masked: too many to ask for here.`
      : undefined)
  return (
    <section class="panel" id="replay" aria-labelledby="replay-title">
      <h2 id="replay-title">Replay</h2>
      {refusal === undefined ? (
        <ReplayForms {...form} />
      ) : (
        <p class="marker">
          <strong class="chip absent">Cannot be replayed</strong> <EventText text={refusal} maxLength={1000} />
        </p>
      )}
      <ReplayHistoryList eventId={id} replays={replays} now={now} />
    </section>
  )
}

type ReplayFormProps = Omit<ReplaySectionProps, 'replays' | 'now'>

/** Sends it from here, where that can be, or says how a terminal does. */
function ReplayForms(props: ReplayFormProps) {
  const { plan, sendsReplays } = props
  return (
    <>
      {sendsReplays ? <ReplayForm {...props} /> : <Notes notes={plan.notes ?? []} />}
      <ReplayCommand {...props} />
    </>
  )
}

function ReplayForm({ id, plan: { needs, notes = [] }, target = DEFAULT_TARGET, hasTape }: ReplayFormProps) {
  return (
    <form class="replay-form scripted" id="replay-form" data-event={id}>
      <label class="field">
        <span>Send it to</span>
        <input
          type="url"
          id="replay-target"
          name="target"
          value={target}
          required
          spellcheck={false}
          autocomplete="off"
        />
        <span class="hint">The address of your application on this machine; the captured path is added.</span>
      </label>
      {hasTape && (
        <div class="field">
          <label class="choice">
            <input type="checkbox" id="replay-hermetic" aria-describedby="replay-hermetic-hint" />{' '}
            <span>Play the recorded calls back: nothing outside is called</span>
          </label>
          <span class="hint" id="replay-hermetic-hint">
            Your application needs the variable REPLAYSTACK_REPLAY=1.
          </span>
        </div>
      )}
      {needs.length > 0 && (
        <fieldset>
          <legend>Masked when it was captured: fill in what the request needs</legend>
          <div class="needs">
            {needs.map((need, index) => (
              <Need need={need} index={index} />
            ))}
          </div>
          <p class="hint">What you fill in goes to your application only, and is not kept.</p>
        </fieldset>
      )}
      <details>
        <summary>Several times, or against another build</summary>
        <label class="field">
          <span>Times</span>
          <input type="number" id="replay-times" min={1} max={MAX_TIMES} value="1" required />
          <span class="hint">
            Sent several times, what differs between the runs (ids, times) is left out of the verdict.
          </span>
        </label>
        <label class="field">
          <span>Baseline</span>
          <input type="url" id="replay-baseline" spellcheck={false} autocomplete="off" />
          <span class="hint">The address of another build, to compare with in place of the captured response.</span>
        </label>
      </details>
      <details>
        <summary>More headers</summary>
        <label class="field">
          <span>One a line, name: value. They replace the captured ones; without a value, the header is left out.</span>
          <textarea id="replay-headers" rows={3} spellcheck={false} autocomplete="off" />
        </label>
      </details>
      <Notes notes={notes} />
      <button type="submit" class="button primary" id="replay-send">
        <NamedIcon name="replay" /> Send again
      </button>
    </form>
  )
}

function ReplayCommand({
  id,
  plan: { needs },
  target = DEFAULT_TARGET,
  hasTape,
  inboxUrl,
  sendsReplays,
}: ReplayFormProps) {
  const flags = needs.map(
    ({ name, where }) =>
      ` ${where === 'header' ? `--header ${quoteText([`${name}: …`])}` : `--value ${quoteText([`${name}=…`])}`}`,
  )
  return (
    <details class="terminal" open={!sendsReplays}>
      <summary>From a terminal</summary>
      <div class="with-copy">
        <pre id="replay-command" class="code wrapped">
          npx replaystack replay {id} --to <span id="command-target">{quoteTarget(target)}</span>
          {flags.join('')}
          {hasTape && <span id="command-hermetic" />}
          {inboxFlag(inboxUrl)}
        </pre>
        <CopyButton from="replay-command" what="the command" />
      </div>
    </details>
  )
}

/** As the page's script writes it, when the field changes. */
function quoteTarget(target: string): string {
  return /^[\w:/.[\]-]+$/.test(target) ? target : quoteText([target])
}

function Need({ need: { name, where, reason }, index }: { need: ReplayNeed; index: number }) {
  const inputId = `need-${index}`
  return (
    <div class="field">
      <label for={inputId}>
        <EventText text={name} maxLength={200} /> <span class="muted">{where}</span>
      </label>
      <input
        type="text"
        class="secret"
        id={inputId}
        data-need={name}
        required
        autocomplete="off"
        spellcheck={false}
        aria-describedby={`${inputId}-reason`}
      />
      <span class="hint" id={`${inputId}-reason`}>
        <EventText text={reason} maxLength={300} />
      </span>
    </div>
  )
}
