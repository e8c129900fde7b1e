/** @jsxRuntime automatic @jsxImportSource hono/jsx */
const SHORTCUTS: readonly (readonly [keys: readonly string[], does: string])[] = [
  [['/'], 'Search'],
  [['j', '↓'], 'Next event in the list'],
  [['k', '↑'], 'Previous event in the list'],
  [['Enter'], 'Open the event'],
  [['f'], 'Only failures, or all again'],
  [['c'], 'Copy the request as cURL'],
  [['j', '→'], 'Older event, from an event'],
  [['k', '←'], 'Newer event, from an event'],
  [['r'], 'Replay the event'],
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
