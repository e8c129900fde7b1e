import { statSync } from 'node:fs'
import { relative, resolve, sep } from 'node:path'
import { InboxError } from '../../inbox-error.ts'
import { InvalidInputError } from '../../invalid-input.ts'
import { DEFAULT_INBOX } from '../../loopback.ts'
import { escapeControlCharacters } from '../../terminal-text.ts'
import type { UnresolvedFrame } from '../../uploaded-maps/check-release.ts'
import { readReleaseName } from '../../uploaded-maps/release.ts'
import { parseArguments, UsageError } from '../command-options.ts'
import { listFiles } from '../list-files.ts'
import { prepareSourceMap } from '../prepare-source-map.ts'
import { findProject } from '../source-map-sources.ts'
import type { Terminal } from '../terminal.ts'
import { fetchReleaseCheck, type UploadedFile, uploadSourceMaps } from '../upload-source-maps.ts'

/** Maps of code: no frame is in a style sheet or a declaration. */
const MAPS = /^(?!.*\.(?:css|d\.[cm]?ts)\.map$).*\.map$/

/** Files without a map that are named. */
const MAX_NAMED = 5

/** The exit code when a map cannot be used, or a frame of the release does not resolve. */
const INCOMPLETE = 1

/** `replaystack sourcemaps upload`: gives an inbox the source maps of a release, and says which frames they do not explain. */
export async function runSourcemapsCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { folder, ...options } = readSourcemapsOptions(args)
  const print = (line: string) => terminal.print(escapeControlCharacters(line))
  const { files, broken } = await prepareAll(folder, terminal)
  for (const line of broken) terminal.printError(`replaystack: ${escapeControlCharacters(line)}`)
  if (files.length === 0) throw new InboxError(`${folder} has no source map that can be used`)
  const upload = { ...options, signal: terminal.interrupted }
  const sent = await uploadSourceMaps(files, upload, (done, of) =>
    terminal.showProgress?.(`Sent ${done} of ${of} source maps`),
  )
  terminal.showProgress?.('')
  print(
    `Release ${options.release} has ${count(files.length, 'source map')}: ${sent} sent, ${files.length - sent} there before`,
  )
  for (const line of describeUnmapped(folder, files)) print(line)
  const check = await fetchReleaseCheck(upload)
  for (const line of describeCheck(check.resolved, check.frames, check.unresolved)) print(line)
  return broken.length > 0 || check.resolved < check.frames ? INCOMPLETE : 0
}

/** Reads each map twice: now for its hash, and again where it has to be sent. */
async function prepareAll(folder: string, terminal: Terminal): Promise<{ files: UploadedFile[]; broken: string[] }> {
  const project = findProject(folder)
  const paths = listFiles(resolve(folder), MAPS)
  if (paths.length === 0) {
    throw new InboxError(`${folder} has no source maps (*.map): let the build write them there`)
  }
  const files: UploadedFile[] = []
  const broken: string[] = []
  for (const [index, path] of paths.entries()) {
    terminal.showProgress?.(`Read ${index} of ${paths.length} source maps`)
    try {
      const { text: _, warning, ...file } = await prepareSourceMap(path, project)
      if (warning !== undefined) terminal.printError(`replaystack: ${escapeControlCharacters(`${path}: ${warning}`)}`)
      files.push({ ...file, readText: async () => (await prepareSourceMap(path, project)).text })
    } catch (error) {
      broken.push(`${path} cannot be used as a source map: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  terminal.showProgress?.('')
  return { files, broken }
}

function describeUnmapped(folder: string, files: readonly UploadedFile[]): string[] {
  const project = findProject(folder)
  const mapped = new Set(files.map(({ file }) => file))
  const without = listFiles(resolve(folder), /\.[cm]?js$/)
    .map(path => relative(project, path).split(sep).join('/'))
    .filter(file => !mapped.has(file))
  if (without.length === 0) return []
  const others = without.length > MAX_NAMED ? `, and ${without.length - MAX_NAMED} more` : ''
  return [`Without a map, their frames stay as they are: ${without.slice(0, MAX_NAMED).join(', ')}${others}`]
}

function describeCheck(resolved: number, frames: number, unresolved: readonly UnresolvedFrame[]): string[] {
  if (frames === 0) return ['No failed event of this release has come yet: its frames are resolved as they arrive']
  const lines = [`${resolved} of ${count(frames, 'frame')} of its failed events resolve`]
  for (const { eventId, functionName, fileName, lineNumber, columnNumber } of unresolved) {
    const place = [fileName, lineNumber, columnNumber].filter(part => part !== undefined).join(':')
    lines.push(`  not ${place}${functionName ? ` in ${functionName}` : ''} (event ${eventId})`)
  }
  const others = frames - resolved - unresolved.length
  return others > 0 ? [...lines, `  and ${others} more`] : lines
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}

function readSourcemapsOptions(args: readonly string[]) {
  const { values, positionals } = parseArguments(
    args,
    { release: { type: 'string' }, to: { type: 'string', default: DEFAULT_INBOX } },
    ["What to do, which is 'upload',", 'The folder of the build'],
  )
  const [action, folder = ''] = positionals
  if (action !== 'upload') throw new UsageError(`sourcemaps can only upload, got ${action}`)
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UsageError(`${folder} is not a folder that source maps could be read from`)
  }
  const { to, release } = values
  if (!/^https?:\/\//.test(to) || !URL.canParse(to)) throw new UsageError(`--to must be an http URL, got ${to}`)
  if (release === undefined) {
    throw new UsageError('--release is missing: the commit hash or version that events of this build have')
  }
  return { folder, to: to.replace(/\/+$/, ''), release: readRelease(release) }
}

function readRelease(release: string): string {
  try {
    return readReleaseName(release)
  } catch (error) {
    if (error instanceof InvalidInputError) throw new UsageError(`--${error.message}`)
    throw error
  }
}
