/** The tables of options, made of the doc comments in `src/types.ts`. */
import ts from 'typescript'

/** One option, as its doc comment describes it. */
export interface OptionRow {
  name: string
  /** Environment variables, the first that counts first. */
  variables: string[]
  type: string
  /** In the comment's own words; empty where there is none. */
  fallback: string
  meaning: string
}

/** Names of types that a reader of the table does not know, and what they are. */
const PLAIN_TYPES: readonly (readonly [RegExp, string])[] = [
  [/^Level$/, "'debug' | 'info' | 'warning' | 'error'"],
  [/^import\([^)]*\)\./, ''],
  [/^readonly /, ''],
  [/^ClientLike$/, 'ReplayStackClient'],
  // `((event: ReplayStackEvent) => …)`: the types say what the event is.
  [/^\(\((\w+): \w+\) => (.*)\)$/, '($1) => $2'],
  [/ReplayStackEvent \| null$/, 'event | null'],
]

/** What the source says, without the `undefined` that every option may be. */
function readType(text: string): string {
  const [type = ''] = text.split(/ \| undefined$/)
  return PLAIN_TYPES.reduce((plain, [pattern, by]) => plain.replace(pattern, by), type)
}

/** @throws {Error} for an option that nobody has described */
function readOption(member: ts.PropertySignature, source: ts.SourceFile): OptionRow {
  const name = member.name.getText(source)
  const [comment] = ts.getJSDocCommentsAndTags(member)
  if (!comment || !ts.isJSDoc(comment)) throw new Error(`The option ${name} has no doc comment.`)
  const text = (ts.getTextOfJSDocComment(comment.comment) ?? '').replace(/\s+/g, ' ')
  const [, meaning = '', environment = ''] = /^(.*?) ?(?:Env: (.*))?$/.exec(text) ?? []
  if (meaning === '') throw new Error(`The doc comment of ${name} does not say what it is.`)
  const fallback = comment.tags?.find(tag => tag.tagName.text === 'default')?.comment
  return {
    name,
    variables: [...environment.matchAll(/`([^`]+)`/g)].map(([, variable = '']) => variable),
    type: readType(member.type?.getText(source) ?? ''),
    fallback: ts.getTextOfJSDocComment(fallback) ?? '',
    meaning,
  }
}

/** The options of an interface, in its order. */
export function readOptions(source: string, interfaceName: string): OptionRow[] {
  const file = ts.createSourceFile('types.ts', source, ts.ScriptTarget.Latest, true)
  const declaration = file.statements.find(
    statement => ts.isInterfaceDeclaration(statement) && statement.name.text === interfaceName,
  )
  if (!declaration || !ts.isInterfaceDeclaration(declaration)) throw new Error(`There is no ${interfaceName}.`)
  return declaration.members.filter(ts.isPropertySignature).map(member => readOption(member, file))
}

/** Inside a table a `|` ends a cell, in code too. */
const cell = (text: string): string => text.replaceAll('|', '\\|')
const code = (text: string): string => (text === '' || text.startsWith('`') ? cell(text) : `\`${cell(text)}\``)

function formatRow({ name, variables, type, fallback, meaning }: OptionRow, hasVariables: boolean): string {
  const cells = [code(name), ...(hasVariables ? [variables.map(code).join(', ')] : []), code(type), code(fallback)]
  return `| ${[...cells, cell(meaning)].join(' | ')} |`
}

/** A table of Markdown. The column of variables is there where any option has one. */
export function formatOptions(rows: readonly OptionRow[]): string {
  const hasVariables = rows.some(({ variables }) => variables.length > 0)
  const head = ['option', ...(hasVariables ? ['variable'] : []), 'type', 'default', 'meaning']
  return [
    `| ${head.join(' | ')} |`,
    `|${'---|'.repeat(head.length)}`,
    ...rows.map(row => formatRow(row, hasVariables)),
  ].join('\n')
}
