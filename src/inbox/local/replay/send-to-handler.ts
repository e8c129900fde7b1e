import { HANDLER_PATHS, readOutcome } from '../../replay/handler-plan.ts'
import type { ReplayRequest } from '../../replay/plan.ts'
import type { ReplayedAnswer } from '../../replay/replayed-answer.ts'
import { type SendOptions, sendReplay } from './send.ts'
import type { ReplayTarget } from './target.ts'

/**
 * Has `wrangler dev` call a Worker's handler, by the path that its version has.
 *
 * @returns its outcome: 200 or 500, and `{ "outcome": … }`; `undefined` where the server is not `wrangler dev`
 * @throws SendError
 */
export async function sendToHandler(
  target: ReplayTarget,
  request: ReplayRequest,
  options: SendOptions,
): Promise<ReplayedAnswer | undefined> {
  const [newer, older] = HANDLER_PATHS
  for (const path of [request.path, request.path.replace(newer, older)]) {
    const outcome = readOutcome(await sendReplay(target, { ...request, path }, options))
    if (outcome) return outcome
  }
  return undefined
}
