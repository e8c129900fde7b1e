import { withReplayStack } from '@replaystack/edge/vercel'
import { NextResponse } from 'next/server'

const ways = {
  '/proxied': () => Response.json({ error: 'forbidden' }, { status: 403 }),
  '/old': request => NextResponse.rewrite(new URL('/orders/8', request.url)),
}

export const proxy = withReplayStack(request => ways[request.nextUrl.pathname]?.(request) ?? NextResponse.next())

export const config = { matcher: ['/proxied', '/old', '/orders/7', '/wrapped/8', '/basket'] }
