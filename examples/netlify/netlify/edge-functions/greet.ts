/** An edge function in front of every page. One that returns nothing lets the request go on. */
import { withReplayStack } from '@replaystack/edge/netlify'

/** The members of Netlify's context that are used. */
interface Context {
  ip: string
}

export default withReplayStack((request: Request, context: Context): Response | undefined => {
  const name = new URL(request.url).searchParams.get('greet')
  return name === null ? undefined : Response.json({ message: `Hello, ${name} at ${context.ip}` })
})

export const config = { path: '/' }
