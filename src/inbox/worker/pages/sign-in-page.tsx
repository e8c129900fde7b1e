/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { DOCTYPE, TeamFrame } from './team-frame.tsx'

export interface SignInPageProps {
  /** Where to go from there. */
  next: string
  /** Whether the token that was given is none. */
  isRefused?: boolean
  /** Whom Cloudflare Access let through, and no admin has added. */
  stranger?: string | undefined
}

export function renderSignInPage({ next, isRefused, stranger }: SignInPageProps): string {
  return (
    DOCTYPE +
    (
      <TeamFrame title="Sign in">
        {stranger !== undefined && (
          <p class="lead">
            Cloudflare Access let you in as <strong>{stranger}</strong>, which nobody has added here. Ask an admin of
            this inbox to add it on the page People, or sign in by a token.{' '}
            <a href="/cdn-cgi/access/logout">Sign out of Access</a>
          </p>
        )}
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
