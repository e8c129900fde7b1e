/** A function on Vercel. Each method that it exports is recorded. */
import type { ReplayStackHandle } from '@replaystack/edge'
import { withReplayStack } from '@replaystack/edge/vercel'

export const GET = withReplayStack((request: Request) => {
  const name = new URL(request.url).searchParams.get('name') ?? 'world'
  return Response.json({ message: `Hello, ${name}` })
})

export const POST = withReplayStack(async (request: Request, _context: unknown, recorder?: ReplayStackHandle) => {
  const guest = await request.json()
  recorder?.addBreadcrumb('Writing the guest book', { category: 'database', metadata: guest })
  if (typeof guest.name !== 'string') throw new TypeError('A guest has a name')
  return Response.json({ message: `Welcome, ${guest.name}` }, { status: 201 })
})
