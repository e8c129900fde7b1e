/** @jsxRuntime automatic @jsxImportSource hono/jsx */
const SHORTCUTS: readonly (readonly [keys: readonly string[], does: string])[] = [
  [['g i', 'g e', 'g r'], 'Issues, events, routes'],
  [['/'], 'Search'],
  [['j', '↓'], 'Next row'],
  [['k', '↑'], 'Previous row'],
  [['Enter'], 'Open it'],
  [['e', 'i', 'o'], 'Resolve, ignore, reopen an issue'],
  [['f'], 'Only failures, or all again'],
  [['c'], 'Copy the request as cURL'],
  [['j', '→'], 'Older event, from an event'],
  [['k', '←'], 'Newer event, from an event'],
  [['u'], 'The issue, from an event'],
  [['[', ']'], 'Older or newer event of the issue'],
  [['r'], 'Replay the event, or the latest of an issue'],
  [['l'], 'Compare a failure with the last success'],
  [['s'], 'Swap the two events that are compared'],
  [['t'], 'Keep it as a test'],
  [['Esc'], 'Back to the list'],
  [['?'], 'These shortcuts'],
]

/** What the keyboard does. Single keys can be switched off: speech input may type them. */
export function ShortcutsDialog() {
  return (
    <dialog id="shortcuts" aria-labelledby="shortcuts-title">
      <form method="dialog">
        <h2 id="shortcuts-title">Keyboard shortcuts</h2>
        <dl class="shortcuts">
          {SHORTCUTS.map(([keys, does]) => (
            <div>
              <dt>
                {keys.map((key, index) => (
                  <>
                    {index > 0 && ' or '}
                    <kbd>{key}</kbd>
                  </>
                ))}
              </dt>
              <dd>{does}</dd>
            </div>
          ))}
        </dl>
        <label class="check">
          <input type="checkbox" id="shortcuts-enabled" checked /> Use single-key shortcuts
        </label>
        <div class="dialog-actions">
          <button type="submit" class="button">
            Close
          </button>
        </div>
      </form>
    </dialog>
  )
}
