import { withReplayStack } from '@replaystack/edge/node'

export default withReplayStack(() => {
  throw new RangeError('wrapped api')
})
