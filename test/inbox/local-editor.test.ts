import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { createEditorLinks, type EditorName } from '../../src/inbox/local/local-editor.ts'
import { createSampleEvent } from './sample-event.ts'
import { createTemporaryFolder } from './temporary-folder.ts'
import { createTestApp } from './test-app.ts'

function createProject() {
  const around = realpathSync(createTemporaryFolder())
  const project = join(around, 'my shop')
  mkdirSync(join(project, 'src'), { recursive: true })
  writeFileSync(join(project, 'package.json'), '{}')
  writeFileSync(join(project, 'src', 'order#1.ts'), '')
  writeFileSync(join(project, '.env.ts.txt'), '')
  writeFileSync(join(around, 'secret.ts'), '')
  symlinkSync(join(around, 'secret.ts'), join(project, 'src', 'link.ts'))
  const link = (fileName: string, editor: EditorName = 'vscode', lineNumber = 18, columnNumber = 7) =>
    createEditorLinks(join(project, 'src'), editor)?.linkTo({ fileName, lineNumber, columnNumber })
  return { around, project, link }
}

it('links to files of the project, however a frame names them', () => {
  const { project, link } = createProject()
  const path = `${project.replaceAll(' ', '%20')}/src/order%231.ts`
  const file = join(project, 'src', 'order#1.ts')
  for (const name of ['src/order#1.ts', './src/../src/order#1.ts', file, pathToFileURL(file).href]) {
    expect(link(name)).toBe(`vscode://file${path}:18:7`)
  }
  expect(link('src/order#1.ts', 'cursor')).toBe(`cursor://file${path}:18:7`)
  expect(link('src/order#1.ts', 'zed')).toBe(`zed://file${path}:18:7`)
  expect(link('src/order#1.ts', 'idea')).toBe(`idea://open?file=${path}&line=18&column=7`)
  expect(link('src/order#1.ts', 'none')).toBeUndefined()
  expect(link('src/order#1.ts', 'vscode', Number.NaN, -1)).toBe(`vscode://file${path}:1:1`)
})

it('links to nothing else', () => {
  const { around, link } = createProject()
  for (const name of [
    '',
    'src/gone.ts',
    'src',
    '.env.ts.txt',
    '../secret.ts',
    'src/../../secret.ts',
    join(around, 'secret.ts'),
    pathToFileURL(join(around, 'secret.ts')).href,
    'src/link.ts',
    'file://server/share/a.ts',
    'http://127.0.0.1/src/order#1.ts',
    'src/order#1.ts\0',
    `${'a/'.repeat(2000)}b.ts`,
  ]) {
    expect([name, link(name)]).toEqual([name, undefined])
  }
})

it('stands beside the frames of a page, where there is an editor', async () => {
  const { project } = createProject()
  const event = createSampleEvent({
    status: 'failed',
    errorName: 'TypeError',
    stackFrames: [
      { raw: 'at total', functionName: 'total', fileName: 'src/order#1.ts', lineNumber: 3, columnNumber: 9 },
      { raw: 'at other', functionName: 'other', fileName: '../secret.ts', lineNumber: 1, columnNumber: 1 },
    ],
  })
  for (const editor of ['zed', 'none'] as const) {
    const { app, post, store } = createTestApp({ editor: createEditorLinks(project, editor) })
    await post('events', event)
    const { id = '', issueId = '' } = store.list().events[0] ?? {}
    for (const path of [`/events/${id}`, `/issues/${issueId}`]) {
      const html = await (await app.request(path, { headers: { accept: 'text/html' } })).text()
      const links = [...html.matchAll(/href="(zed:[^"]*)" aria-label="([^"]*)"/g)].map(([, ...parts]) => parts)
      const place = `${project.replaceAll(' ', '%20')}/src/order%231.ts:3:9`
      expect(links).toEqual(editor === 'zed' ? [[`zed://file${place}`, 'Open src/order#1.ts:3:9 in Zed']] : [])
    }
  }
})
