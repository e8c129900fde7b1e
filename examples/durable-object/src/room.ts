import { DurableObject } from 'cloudflare:workers'
import { instrumentDurableObject } from '@replaystack/edge/cloudflare'
import type { Env } from './index.ts'

/** How long a room that everyone has left is remembered. */
const REMEMBERED_MS = 60_000

class ChatRoom extends DurableObject<Env> {
  /** An RPC method: `ChatRoom.describe` is an event. */
  async describe(): Promise<{ members: number; messages: number }> {
    const messages = (await this.ctx.storage.get<number>('messages')) ?? 0
    return { members: this.ctx.getWebSockets().length, messages }
  }

  override fetch(): Response {
    const { 0: client, 1: server } = new WebSocketPair()
    this.ctx.acceptWebSocket(server)
    return new Response(null, { status: 101, webSocket: client })
  }

  override async webSocketMessage(_socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    // Its own method, called by itself: no event.
    const { messages } = await this.describe()
    await this.ctx.storage.put('messages', messages + 1)
    for (const member of this.ctx.getWebSockets()) member.send(message)
  }

  override async webSocketClose(socket: WebSocket, code: number): Promise<void> {
    socket.close(code)
    if (this.ctx.getWebSockets().length <= 1) await this.ctx.storage.setAlarm(Date.now() + REMEMBERED_MS)
  }

  override async alarm(): Promise<void> {
    if (this.ctx.getWebSockets().length === 0) await this.ctx.storage.deleteAll()
  }
}

/** The class that the platform is given: recorded, and otherwise the same. */
export const Room = instrumentDurableObject(ChatRoom)
