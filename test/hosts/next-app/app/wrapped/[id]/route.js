import { withReplayStack } from '@replaystack/edge/vercel'

export const GET = withReplayStack(async () => {
  throw new RangeError('wrapped')
})
