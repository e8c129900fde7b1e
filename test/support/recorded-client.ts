import { ReplayStackClient } from '../../src/client/client.ts'
import type { ClientOptions, ReplayStackEvent } from '../../src/types.ts'
import { type Script, ScriptedTransport } from './scripted-transport.ts'

/** A client over a script, and the events it has sent. */
export function createRecordedClient(options: ClientOptions = {}, ...script: Script[]) {
  const transport = new ScriptedTransport(...script)
  const errors: Error[] = []
  const client = new ReplayStackClient(
    { apiKey: 'rs_live_test', transport, onError: error => errors.push(error), ...options },
    {},
  )
  return {
    client,
    transport,
    errors,
    get events(): ReplayStackEvent[] {
      return transport.bodies.flatMap(body => {
        const sent: ReplayStackEvent & { events?: ReplayStackEvent[] } = JSON.parse(body)
        return sent.events ?? [sent]
      })
    },
  }
}
