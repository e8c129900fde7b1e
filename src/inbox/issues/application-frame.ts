import { parseStackTrace } from '../../event/stack.ts'
import type { ReplayStackEvent, StackFrame } from '../../types.ts'
import { isFrameworkFile } from '../framework-files.ts'
import type { ResolvedFrame } from '../source-maps.ts'

/** UTF-16 units of a stack trace in which frames are looked for. */
const MAX_STACK = 100_000
const MAX_LINES = 500

/** A function and the file it is in, as two builds on two machines both name them. */
export interface ApplicationFrame {
  functionName: string | undefined
  fileName: string
}

/** Frames of other languages, as their runtimes print them: the function and the file, in either order. */
const FOREIGN_FRAMES: readonly RegExp[] = [
  // Python, whose innermost frame is the last.
  /^\s*File "(?<file>[^"]{1,500})", line \d+(?:, in (?<name>.{1,200}))?$/,
  // PHP
  /^\s*#\d+ (?<file>[^\s(]{1,500})\(\d+\): (?<name>[^(]{1,200})\(/,
  // C#
  /^\s*at (?<name>[^\s(]{1,300})\(.{0,500}\) in (?<file>[^:]{1,500}(?::\\[^:]{1,500})?):line \d+/,
  // Java, Kotlin, Scala
  /^\s*at (?<name>[\w.$<>/]{1,300})\((?<file>[\w$]{1,200}\.(?:java|kt|scala|groovy))(?::\d+)?\)/,
  // Ruby
  /^\s*(?:from )?(?<file>[^\s:]{1,500}\.rb):\d+:in [`'](?<name>[^']{1,200})'/,
  // Rust
  /^\s*at (?<file>[^\s:]{1,500}\.rs):\d+(?::\d+)?$/,
]

/** Go names the function on one line, and its file on the next. */
const GO_FUNCTION = /^(?<name>[\w./*()]{1,300})\(.{0,500}\)$/
const GO_FILE = /^\t(?<file>[^\s:]{1,500}\.go):\d+/

/** Where other languages keep code that is not the application's. */
const FOREIGN_FRAMEWORKS: readonly RegExp[] = [
  /[/\\](?:site-packages|dist-packages)[/\\]|[/\\]lib[/\\]python\d|^<frozen /,
  /[/\\]vendor[/\\]|[/\\]gems[/\\]|[/\\]lib[/\\]ruby[/\\]/,
  /[/\\](?:go|golang)[/\\]src[/\\]|[/\\]pkg[/\\]mod[/\\]|[/\\]rustc[/\\]|[/\\]\.cargo[/\\]/,
]
const FOREIGN_NAMESPACES =
  /^(?:java|javax|jakarta|jdk|sun|kotlin|scala|org\.(?:springframework|apache|hibernate|eclipse|jboss)|io\.netty|System|Microsoft|runtime|net\/http|panic|core::|std::)[.:/(]?/

/**
 * The first frame of the application, innermost first: as the source maps have it where there are any.
 *
 * @param resolve a frame in its source; `undefined` for one that no map explains
 */
export function findApplicationFrame(
  { stackFrames, stackTrace, errorName, errorMessage }: ReplayStackEvent,
  resolve: (frame: StackFrame) => ResolvedFrame | undefined = () => undefined,
): ApplicationFrame | undefined {
  const frames = stackFrames?.length
    ? stackFrames
    : parseStackTrace(stackTrace?.slice(0, MAX_STACK), { name: errorName, message: errorMessage })
  for (const frame of frames) {
    const resolved = resolve(frame)
    const { functionName = frame.functionName, fileName } = resolved ?? frame
    if (!fileName || (resolved ? !resolved.own : isForeignFramework(fileName, functionName))) continue
    return { functionName: nameFunction(functionName), fileName: nameFile(fileName) }
  }
  return frames.length > 0 || !stackTrace ? undefined : findForeignFrame(stackTrace)
}

function findForeignFrame(stackTrace: string): ApplicationFrame | undefined {
  const found: ApplicationFrame[] = []
  let goFunction: string | undefined
  for (const line of stackTrace.slice(0, MAX_STACK).split('\n', MAX_LINES)) {
    const text = line.slice(0, 2000)
    const goFile = GO_FILE.exec(text)?.groups?.['file']
    const groups = FOREIGN_FRAMES.map(pattern => pattern.exec(text)?.groups).find(match => match)
    const [file, name] = goFile ? [goFile, goFunction] : [groups?.['file'], groups?.['name']]
    goFunction = GO_FUNCTION.exec(text)?.groups?.['name']
    if (file === undefined || isForeignFramework(file, name)) continue
    found.push({ functionName: nameFunction(name), fileName: nameFile(file) })
  }
  return /^\s*Traceback \(most recent call last\)/m.test(stackTrace.slice(0, MAX_STACK)) ? found.at(-1) : found[0]
}

function isForeignFramework(fileName: string, functionName: string | undefined): boolean {
  return (
    isFrameworkFile(fileName) ||
    FOREIGN_FRAMEWORKS.some(pattern => pattern.test(fileName)) ||
    (functionName !== undefined &&
      /\.(?:java|kt|scala|groovy|cs|go|rs)$/.test(fileName) &&
      FOREIGN_NAMESPACES.test(functionName))
  )
}

/** The last two parts of a path, without what a build puts in: machines and folders differ, and hashes with each build. */
function nameFile(fileName: string): string {
  const path = fileName.replace(/[?#].*$/, '').replaceAll('\\', '/')
  const parts = path.split('/').filter(part => part !== '')
  return parts
    .slice(-2)
    .map(part => part.replace(/(?:[.-](?=[\w-]{0,20}\d)[\dA-Za-z_-]{6,20}|[.-][\da-f]{8,64})(?=\.\w{2,4}$)/, ''))
    .join('/')
}

/** A function's name as every build has it: `undefined` for one that a minifier chose, or none. */
function nameFunction(name: string | undefined): string | undefined {
  const plain = name
    ?.replace(/ \[as [^\]]{1,200}\]/, '')
    .replace(/^(?:async |new |get |set |block (?:\(\d+ levels\) )?in )+/, '')
    .replace(/^(?:Object|Module|Function|global|exports)\./, '')
    // Lambdas and closures are numbered, bundlers number names that meet.
    .replace(/\$\$?(?:lambda\$?)?\d+|\.func\d+(?:\.\d+)*|<(\w+)>b__\d+(?:_\d+)?|\$\d+$/g, '$1')
    .trim()
  if (!plain || /<anonymous>|^\(anonymous\)$|^anonymous$|^<module>$|^<lambda>$/.test(plain)) return undefined
  const last = plain.slice(plain.lastIndexOf('.') + 1)
  return last.length <= 2 ? undefined : plain
}
