/** The `env` that `import { env } from 'cloudflare:workers'` gives. */
import { callMember, isFunction, read } from '../safe-read.ts'

/** Runs `run` where that import is this one too, if the runtime has a way. */
export function withEnvironment<Result>(env: unknown, run: () => Result): Result {
  const workers = callMember(read(globalThis, 'process'), 'getBuiltinModule', 'cloudflare:workers')
  const withEnv = read(workers, 'withEnv')
  return isFunction(withEnv) ? (withEnv(env, run) as Result) : run()
}
