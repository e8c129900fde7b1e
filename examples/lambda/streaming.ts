/** A function URL that streams. `withReplayStack` may stand on either side of `awslambda.streamifyResponse`. */
import { withReplayStack } from '@replaystack/edge/lambda'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'

export const handler = withReplayStack(
  awslambda.streamifyResponse(async (event: APIGatewayProxyEventV2, responseStream) => {
    const response = awslambda.HttpResponseStream.from(responseStream, {
      statusCode: 200,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
    })
    for (const word of ['Hello,', event.queryStringParameters?.['name'] ?? 'world']) response.write(`${word} `)
    response.end()
  }),
)
