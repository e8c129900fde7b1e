/** @jsxRuntime automatic @jsxImportSource hono/jsx */

/** Whether a page follows the inbox's stream. The script keeps it right. */
export function LiveState() {
  return (
    <span class="live scripted" id="live" data-state="connecting">
      <span class="live-dot" aria-hidden="true" />
      <span id="live-text">connecting</span>
    </span>
  )
}
