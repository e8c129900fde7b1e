/** What the test Workers use of the platform. Its official types are global and would change every other test's. */
declare module 'cloudflare:workers' {
  interface Context {
    waitUntil(promise: Promise<unknown>): void
  }

  interface ObjectContext extends Context {
    id: { toString(): string }
    storage: {
      get<Value>(key: string): Promise<Value | undefined>
      put(key: string, value: unknown): Promise<void>
      sync(): Promise<void>
      setAlarm(time: number): Promise<void>
    }
    acceptWebSocket(socket: WebSocket): void
    getWebSockets(): WebSocket[]
  }

  export class DurableObject<Env = unknown> {
    protected ctx: ObjectContext
    protected env: Env
    constructor(ctx: ObjectContext, env: Env)
  }

  export class WorkflowEntrypoint<Env = unknown> {
    protected ctx: Context
    protected env: Env
    constructor(ctx: Context, env: Env)
  }

  export class RpcTarget {}

  export const env: Record<string, string>

  export class WorkerEntrypoint<Env = unknown> {
    protected ctx: Context
    protected env: Env
    constructor(ctx: Context, env: Env)
  }
}

declare module 'cloudflare:node' {
  export function httpServerHandler(server: { port: number }): {
    fetch(request: Request, env: unknown, ctx: unknown): Promise<Response>
  }
}
