import { type Actions, type Ask, listOf, PROJECT, projectPath, readData } from './action.ts'

export const PROJECT_ACTIONS: Actions = {
  init: {
    required: [],
    async run(ask, { url, projects: [project = 'main'] }) {
      const { key } = readData(await ask('POST', '/projects', { project }))
      return [
        `Project ${project} is made. Its key is shown this once:`,
        '',
        `REPLAYSTACK_ENDPOINT=${url}`,
        `REPLAYSTACK_API_KEY=${key}`,
        '',
        `Its events: ${url}/projects/${project}/`,
      ]
    },
  },
  projects: {
    required: [],
    async run(ask) {
      const rows = listOf(await ask('GET', '/projects'), 'projects')
      return rows.map(({ project, enabled, createdAt }) => `${project}  ${createdAt}${enabled ? '' : '  disabled'}`)
    },
  },
  disable: { required: [PROJECT], run: (ask, { argument }) => setEnabled(ask, argument, false) },
  enable: { required: [PROJECT], run: (ask, { argument }) => setEnabled(ask, argument, true) },
}

async function setEnabled(ask: Ask, project: string, enabled: boolean): Promise<string[]> {
  await ask('PATCH', projectPath(project), { enabled })
  return [`Project ${project} is ${enabled ? 'enabled' : 'disabled: its events are refused by 403'}`]
}
