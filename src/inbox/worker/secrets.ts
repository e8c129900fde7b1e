/** What only who was given it knows: API keys and people's tokens. Of each, its hash alone is kept. */

const SECRET_BYTES = 24

/** A project's name in keys and addresses: 1 to 40 lower-case letters, digits and single hyphens between. */
const PROJECT = '[a-z0-9](?:-?[a-z0-9]){0,39}'

export const PROJECT_PATTERN: RegExp = new RegExp(`^${PROJECT}$`)

const KEY_PATTERN = new RegExp(`^rs_live_(${PROJECT})_[0-9a-f]{${SECRET_BYTES * 2}}$`)
const TOKEN_PATTERN = new RegExp(`^rs_team_[0-9a-f]{${SECRET_BYTES * 2}}$`)

export function createApiKey(project: string): string {
  return `rs_live_${project}_${createSecret()}`
}

/** The project that a key of the right form is of. */
export function readKeyProject(key: string): string | undefined {
  return KEY_PATTERN.exec(key)?.[1]
}

export function createToken(): string {
  return `rs_team_${createSecret()}`
}

export function isToken(text: string): boolean {
  return TOKEN_PATTERN.test(text)
}

export function createSecret(): string {
  return toHex(crypto.getRandomValues(new Uint8Array(SECRET_BYTES)))
}

/** 64 hexadecimal digits. A secret of 192 random bits needs no slower hash. */
export async function hashText(text: string): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))))
}

/** Whether two secrets are the same, in a time that says nothing of where they differ. */
export async function isSameSecret(one: string, other: string): Promise<boolean> {
  const [first, second] = await Promise.all([hashText(one), hashText(other)])
  let difference = 0
  for (let index = 0; index < first.length; index++) difference |= first.charCodeAt(index) ^ second.charCodeAt(index)
  return difference === 0
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
}
