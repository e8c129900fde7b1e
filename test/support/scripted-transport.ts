import type { Transport, TransportRequest, TransportResponse } from '../../src/types.ts'

/** What one call of the transport does. */
export type Script =
  | { status: number; body?: string; headers?: Record<string, string> }
  | { throws: unknown }
  | 'hangs'
  | 'hangs deaf'

export interface Call extends TransportRequest {
  url: string
}

/** A transport that follows a script, one entry a call, and accepts everything when it is through. */
export class ScriptedTransport implements Transport {
  readonly calls: Call[] = []
  readonly script: Script[]

  constructor(...script: Script[]) {
    this.script = script
  }

  /** What each call carried. */
  get bodies(): string[] {
    return this.calls.map(call => call.body)
  }

  async post(url: string, request: TransportRequest): Promise<TransportResponse> {
    this.calls.push({ url, ...request })
    const step = this.script.shift() ?? { status: 200, body: '{"success":true}' }
    if (step === 'hangs deaf') return new Promise(() => {})
    if (step === 'hangs') {
      return new Promise((_, reject) => request.signal.addEventListener('abort', () => reject(request.signal.reason)))
    }
    if ('throws' in step) throw step.throws
    return { status: step.status, headers: new Headers(step.headers), text: async () => step.body ?? '' }
  }
}
