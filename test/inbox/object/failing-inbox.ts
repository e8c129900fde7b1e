/** A team's inbox of which parts fail: `FAILING` names the bucket, the queue, the directory, or projects. */
import {
  InboxDirectory as Directory,
  InboxProject as Project,
  default as worker,
} from '../../../src/inbox/worker/index.ts'
import type { ObjectState, QueueBatch, TeamInboxEnv, WorkerContext } from '../../../src/inbox/worker/platform.ts'

interface FailingEnv extends TeamInboxEnv {
  FAILING: string
}

const isFailing = (part: string, { FAILING }: FailingEnv): boolean => FAILING.split(',').includes(part)

const fail = (part: string) => async (): Promise<never> => {
  throw new Error(`The ${part} is out of order`)
}

/** The same for each request of an isolate, as an environment is. */
const environments = new WeakMap<FailingEnv, TeamInboxEnv>()

function breakParts(env: FailingEnv): TeamInboxEnv {
  const known = environments.get(env)
  if (known) return known
  const bucket = { get: fail('bucket'), put: fail('bucket'), delete: fail('bucket'), list: fail('bucket') }
  const broken: TeamInboxEnv = {
    ...env,
    ...(isFailing('bucket', env) && { EVENT_BUCKET: bucket }),
    ...(isFailing('queue', env) && { EVENT_QUEUE: { sendBatch: fail('queue') } }),
  }
  environments.set(env, broken)
  return broken
}

/** A storage that refuses statements. */
function breakStorage({ id, storage }: ObjectState, refused: RegExp): ObjectState {
  return {
    id,
    storage: {
      sql: {
        exec(sql, ...values) {
          if (refused.test(sql)) throw new Error('The disk is full')
          return storage.sql.exec(sql, ...values)
        },
        get databaseSize() {
          return storage.sql.databaseSize
        },
      },
      transactionSync: work => storage.transactionSync(work),
      getAlarm: () => storage.getAlarm(),
      setAlarm: time => storage.setAlarm(time),
    },
  }
}

export class InboxProject extends Project {
  constructor(state: ObjectState, env: FailingEnv) {
    const isBroken = isFailing(state.id.name ?? '', env)
    super(isBroken ? breakStorage(state, /^\s*INSERT INTO events\b/) : state, breakParts(env))
  }
}

export class InboxDirectory extends Directory {
  constructor(state: ObjectState, env: FailingEnv) {
    super(isFailing('directory', env) ? breakStorage(state, /FROM tokens/) : state, breakParts(env))
  }
}

export default {
  fetch: (request: Request, env: FailingEnv, context: WorkerContext) => worker.fetch(request, breakParts(env), context),
  queue: (batch: QueueBatch, env: FailingEnv) => worker.queue(batch, breakParts(env)),
}
