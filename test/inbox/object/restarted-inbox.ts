/** A team's inbox whose project is restarted in the middle of its first batch. */
import type { ObjectState, TeamInboxEnv } from '../../../src/inbox/worker/platform.ts'
import { InboxProject as Project } from '../../../src/inbox/worker/project.ts'

export { default, InboxDirectory } from '../../../src/inbox/worker/index.ts'

interface RestartedState extends ObjectState {
  readonly storage: ObjectState['storage'] & {
    get(key: string): Promise<unknown>
    put(key: string, value: unknown): Promise<void>
    sync(): Promise<void>
  }
  abort(reason: string): void
}

export class InboxProject {
  readonly #state: RestartedState
  readonly #project: Project
  readonly #when: string

  constructor(state: RestartedState, env: TeamInboxEnv & { RESTART: string }) {
    this.#state = state
    this.#project = new Project(state, env)
    this.#when = env.RESTART
  }

  async fetch(request: Request): Promise<Response> {
    if (new URL(request.url).pathname !== '/insert') return this.#project.fetch(request)
    const { storage } = this.#state
    const batch = await request.clone().text()
    const restartedIn = await storage.get('restarted')
    if (restartedIn === undefined) {
      await storage.put('restarted', idOf(batch))
      await storage.sync()
      if (this.#when === 'before') this.#state.abort('Restarted before the batch is stored')
    }
    const response = await this.#project.fetch(request)
    if (restartedIn === undefined) {
      await storage.sync()
      this.#state.abort('Restarted after the batch is stored')
    }
    if (restartedIn === idOf(batch)) console.log('The batch came again')
    return response
  }

  alarm(): Promise<void> {
    return this.#project.alarm()
  }
}

/** The id of a batch's first event. */
const idOf = (batch: string): string | undefined => /[\da-f]{8}-[\da-f-]{27}/.exec(batch)?.[0]
