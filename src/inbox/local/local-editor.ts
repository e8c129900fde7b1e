import { realpathSync, statSync } from 'node:fs'
import { extname, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { EditorLinks, SourcePlace } from '../editor-links.ts'
import { findProject, SOURCE_EXTENSIONS } from './source-map-sources.ts'

type WriteUrl = (path: string, line: number, column: number) => string

const likeVsCode =
  (scheme: string): WriteUrl =>
  (path, line, column) =>
    `${scheme}://file${path}:${line}:${column}`

const likeIdea =
  (scheme: string): WriteUrl =>
  (path, line, column) =>
    `${scheme}://open?file=${path}&line=${line}&column=${column}`

const EDITORS = {
  vscode: ['VS Code', likeVsCode('vscode')],
  'vscode-insiders': ['VS Code Insiders', likeVsCode('vscode-insiders')],
  vscodium: ['VSCodium', likeVsCode('vscodium')],
  cursor: ['Cursor', likeVsCode('cursor')],
  windsurf: ['Windsurf', likeVsCode('windsurf')],
  zed: ['Zed', likeVsCode('zed')],
  idea: ['IntelliJ IDEA', likeIdea('idea')],
  webstorm: ['WebStorm', likeIdea('webstorm')],
} as const satisfies Readonly<Record<string, readonly [name: string, write: WriteUrl]>>

export type EditorName = keyof typeof EDITORS | 'none'

export const EDITOR_NAMES: readonly string[] = [...Object.keys(EDITORS), 'none']

export function isEditorName(text: string): text is EditorName {
  return EDITOR_NAMES.includes(text)
}

/** UTF-16 units of a path that is looked for. */
const MAX_LENGTH = 1000

/** @returns `undefined` for no editor */
export function createEditorLinks(folder: string, editor: EditorName): EditorLinks | undefined {
  if (editor === 'none') return undefined
  const [name, write] = EDITORS[editor]
  const project = findProject(folder)
  return {
    name,
    linkTo: place => {
      const path = findSource(project, place)
      const { lineNumber = 1, columnNumber = 1 } = place
      return path && write(toUrlPath(path), toCount(lineNumber), toCount(columnNumber))
    },
  }
}

/**
 * The file of a frame, which a stranger may have written: a source file inside the project, by a name that no link leads out
 * of.
 */
function findSource(project: string, { fileName = '' }: SourcePlace): string | undefined {
  if (fileName === '' || fileName.length > MAX_LENGTH) return undefined
  try {
    const path = resolve(project, fileName.startsWith('file:') ? fileURLToPath(fileName) : fileName)
    // Asked before the disk is: a path elsewhere, on Windows also a server's, is never looked at.
    if (!isInside(path, project)) return undefined
    const real = realpathSync(path)
    const isSource = isInside(real, realpathSync(project)) && SOURCE_EXTENSIONS.has(extname(real))
    return isSource && statSync(real).isFile() ? real : undefined
  } catch {
    return undefined
  }
}

function isInside(path: string, folder: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep)
}

/** `/home/a b/c.ts` is `/home/a%20b/c.ts`, `C:\a.ts` is `/C:/a.ts`. */
function toUrlPath(path: string): string {
  const parts = path.split(sep).map(part => encodeURIComponent(part).replace('%3A', ':'))
  return parts.join('/').replace(/^(?!\/)/, '/')
}

function toCount(count: number): number {
  return Number.isSafeInteger(count) && count > 0 ? count : 1
}
