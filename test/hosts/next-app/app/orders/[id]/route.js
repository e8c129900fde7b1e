import { withReplayStack } from '@replaystack/edge/vercel'

export const GET = withReplayStack(async () => Response.json({ made: true }, { status: 201 }))

export const POST = withReplayStack(async request => {
  await request.json()
  return new Response('made', { status: 201 })
})
