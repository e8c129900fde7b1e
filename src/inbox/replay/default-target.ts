import type { ReplayStackEvent } from '../../types.ts'
import type { EventStore } from '../store.ts'
import { StoreError } from '../store-error.ts'
import { readLocalServer } from './captured-target.ts'

type TargetStore = Pick<EventStore, 'replayTarget' | 'setReplayTarget'>

/**
 * Where a replay goes when nobody says where: to the server that the last replay of the event's service went to, else to
 * where the event was captured, if that is this machine.
 */
export function findDefaultTarget(store: TargetStore, event: ReplayStackEvent): string | undefined {
  return store.replayTarget(nameService(event)) ?? readLocalServer(event)
}

/** Keeps the server that a replay of the event's service went to. */
export function rememberTarget(store: TargetStore, event: ReplayStackEvent, target: string): void {
  try {
    store.setReplayTarget(nameService(event), target.replace(/\/+$/, ''))
  } catch (error) {
    // A replay was answered: a store that is full costs the default alone.
    if (!(error instanceof StoreError)) throw error
  }
}

/** Events that name no service belong to the server that they were captured on: two of them may be two applications. */
function nameService({ serviceName, requestUrl = '' }: ReplayStackEvent): string {
  return serviceName || (URL.canParse(requestUrl) ? new URL(requestUrl).origin : '')
}
