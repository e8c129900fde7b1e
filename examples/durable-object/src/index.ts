/** A chat: each room is a Durable Object that hibernates between messages. */
import { withReplayStack } from '@replaystack/edge/cloudflare'
import type { Room } from './room.ts'

export { Room } from './room.ts'

/** What `wrangler.jsonc` and `wrangler secret put` give the Worker and its objects. */
export interface Env {
  REPLAYSTACK_API_KEY: string
  ROOMS: DurableObjectNamespace<InstanceType<typeof Room>>
}

export default withReplayStack({
  async fetch(request, env) {
    const name = new URL(request.url).pathname.slice(1)
    if (!name) return Response.json({ error: 'Name a room: /kitchen' }, { status: 404 })
    const room = env.ROOMS.getByName(name)
    if (request.headers.get('upgrade') === 'websocket') return room.fetch(request)
    return Response.json(await room.describe())
  },
} satisfies ExportedHandler<Env>)
