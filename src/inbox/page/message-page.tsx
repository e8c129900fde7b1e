/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'
import { Layout } from './layout.tsx'

export interface MessagePageProps {
  title: string
  /** Where to go from here. @default the list */
  children?: Child
}

/** A page that has only something to say: not found, a filter that there is none of, an error inside. */
export function MessagePage({ title, children }: MessagePageProps) {
  return (
    <Layout title={`${title} · ReplayStack inbox`} page="message">
      <div class="message">
        <h1>{title}</h1>
        <p>{children}</p>
        <p>
          <a class="button" href="/" id="back">
            ← All events
          </a>
        </p>
      </div>
    </Layout>
  )
}
