/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { DOCTYPE, TeamFrame } from './team-frame.tsx'

export interface SignInPageProps {
  /** Where to go from there. */
  next: string
  /** Whether the token that was given is none. */
  isRefused?: boolean
}

export function renderSignInPage({ next, isRefused }: SignInPageProps): string {
  return (
    DOCTYPE +
    (
      <TeamFrame title="Sign in">
        <form method="post" action="/sign-in" class="sign-in">
          <input type="hidden" name="next" value={next} />
          <label for="token">Your token</label>
          <input
            id="token"
            name="token"
            type="password"
            autocomplete="current-password"
            required
            autofocus
            aria-describedby={isRefused ? 'refusal' : 'token-hint'}
          />
          {isRefused && (
            <p id="refusal" role="alert">
              This token is unknown here. It may have been revoked.
            </p>
          )}
          <p id="token-hint" class="hint">
            An admin of this inbox makes one for you. Who has just deployed it signs in with the{' '}
            <code>ADMIN_TOKEN</code>.
          </p>
          <button type="submit" class="button primary">
            Sign in
          </button>
        </form>
      </TeamFrame>
    )
  )
}
