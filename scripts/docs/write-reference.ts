import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  Application,
  Converter,
  type ProjectReflection,
  ReflectionKind,
  TSConfigReader,
  type TypeDocOptions,
  TypeDocReader,
} from 'typedoc'
import type { PluginOptions } from 'typedoc-plugin-markdown'
import { sdkEntries } from '../../build/entries.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What an entry is imported as. */
const importName = (entry: string): string => (entry === 'index' ? '@replaystack/edge' : `@replaystack/edge/${entry}`)

/** The entry that a module is made of: typedoc names modules by their paths, an `index.ts` by its folder's. */
function entryOf(moduleName: string): string {
  const files = [`${moduleName}.ts`, `${moduleName}/index.ts`]
  const found = Object.entries(sdkEntries).find(([, file]) => files.includes(file))
  if (!found) throw new Error(`No entry is made of ${moduleName}.`)
  return found[0]
}

/** Says what class is thrown: the Markdown shows the words after it alone. */
function nameThrown(project: ProjectReflection): void {
  for (const { comment } of Object.values(project.reflections)) {
    for (const tag of comment?.getTags('@throws') ?? []) {
      const [, name] = /^\{(.+)\}$/.exec(tag.typeAnnotation ?? '') ?? []
      if (name) tag.content.unshift({ kind: 'text', text: `\`${name}\` ` })
    }
  }
}

/**
 * Writes the API reference, a page for each entry, into a folder. The rest of its options is in `typedoc.json` beside this.
 * @throws where a public symbol has no docstring, or a link in one leads nowhere; typedoc's log tells which
 */
export async function writeReference(folder: string): Promise<void> {
  const options: Partial<TypeDocOptions & PluginOptions> = {
    entryPoints: Object.values(sdkEntries).map(file => join(root, file)),
    options: join(root, 'scripts/docs/typedoc.json'),
    basePath: root,
    out: folder,
    logLevel: 'Warn',
    pageTitleTemplates: { module: ({ name }) => importName(name) },
  }
  const application = await Application.bootstrapWithPlugins(options, [new TypeDocReader(), new TSConfigReader()])
  application.converter.on(Converter.EVENT_CREATE_DECLARATION, (_context, reflection) => {
    if (reflection.kindOf(ReflectionKind.Module)) reflection.name = entryOf(reflection.name)
  })
  const { logger } = application
  const project = await application.convert()
  if (project) {
    application.validate(project)
    nameThrown(project)
    if (!logger.hasErrors() && !logger.hasWarnings()) await application.generateOutputs(project)
  }
  if (!project || logger.hasErrors() || logger.hasWarnings()) throw new Error('The API reference could not be written.')
}
