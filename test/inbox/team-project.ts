import { expect } from 'vitest'
import { hashSha256 } from '../../src/inbox/uploaded-maps/release.ts'
import type { TeamInbox } from './start-team-inbox.ts'

/** The release whose maps are uploaded. */
export const RELEASE = '3f2c1ab'

/** Makes a token that may change one project, and resolves to it. */
export async function makeWriter(inbox: TeamInbox, project: string): Promise<string> {
  const body = JSON.stringify({ name: project, role: 'write', projects: [project] })
  const made = await inbox.ask('/api/v1/admin/tokens', { method: 'POST', body })
  return ((await made.json()) as { data: { token: string } }).data.token
}

export async function readJson(inbox: TeamInbox, path: string): Promise<unknown> {
  return (await inbox.ask(path)).json()
}

/** Uploads one source map of a release, and resolves to its SHA-256. */
export async function uploadMap(inbox: TeamInbox, project: string, content: string): Promise<string> {
  const map = JSON.stringify({
    version: 3,
    sources: ['src/a.ts'],
    sourcesContent: [content],
    names: [],
    mappings: 'AAAA',
  })
  const sha = await hashSha256(map)
  const base = `/projects/${project}/api/v1/sourcemaps`
  expect((await inbox.ask(`${base}/${RELEASE}/${sha}`, { method: 'PUT', body: map })).status).toBe(200)
  const body = JSON.stringify({ release: RELEASE, files: [{ file: 'worker.js', map: sha }] })
  expect((await inbox.ask(base, { method: 'POST', body })).status).toBe(200)
  return sha
}
