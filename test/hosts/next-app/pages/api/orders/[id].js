import { withReplayStack } from '@replaystack/edge/node'

export default withReplayStack(async (request, response) => {
  request.replaystack.addBreadcrumb('in the route')
  if (request.query.id === 'fails') throw new RangeError('no')
  response.status(201).json({ ...request.body, id: request.query.id })
})
