/**
 * Stubs, their methods and properties, and promises of them, played back. As the platform's, they can be called before the
 * call that they come of has ended.
 */
import { maskText } from '../mask/text.ts'
import type { TapeCall, TapeKind } from './format.ts'
import { playFetch } from './play-fetch.ts'
import type { Player } from './player.ts'
import type { ReviveParts } from './revive.ts'

interface Place {
  readonly kind: TapeKind
  readonly target: string
  /** The path from there. */
  readonly member?: string
  readonly isBinding?: boolean
}

/** Where the runtime has them. */
const DISPOSALS = ['dispose', 'asyncDispose'].map((name): PropertyKey => Object(Symbol)[name] ?? Symbol(name))

const PROMISE_METHODS = ['then', 'catch', 'finally'] as const

/**
 * @param own members that are there without a call
 * @param settle what it resolves to, where it can be awaited
 */
export function playRemote(player: Player, place: Place, own: object = {}, settle?: () => Promise<unknown>): object {
  const { kind, target, member, isBinding } = place
  // A binding is an object. Whether what came by RPC is one, or a function, nobody can tell.
  const remote: object = new Proxy(isBinding ? {} : () => {}, {
    has: (_target, key) => typeof key === 'string' && key !== 'then',
    get(_target, key) {
      if (DISPOSALS.includes(key)) return () => undefined
      if (typeof key === 'symbol' || Object.hasOwn(own, key)) return Reflect.get(own, key)
      const promised = PROMISE_METHODS.find(one => one === key)
      if (promised && settle) {
        return (...args: unknown[]) => Reflect.apply(Reflect.get(Promise.prototype, promised), settle(), args)
      }
      // No stub is a promise.
      if (key === 'then') return undefined
      if (key === 'dup' && !member) return () => remote
      if (key === 'fetch' && !member) {
        const to = { kind: kind === 'rpc' ? ('service' as const) : kind, target }
        return (...args: unknown[]) => playFetch(player, to, args)
      }
      const path = member ? `${member}.${key}` : key
      return playRemote(player, { kind, target, member: path }, {}, async () =>
        player.play(kind, target, `get ${path}`, [], partsOf(player, kind)),
      )
    },
    apply: (_target: object, _self: unknown, args: unknown[]) => callRemote(player, place, args),
  })
  player.marks.set(remote, { $: 'stub', target: `${target}${member ? `.${member}` : ''}` })
  return remote
}

const partsOf = (player: Player, kind: TapeKind): ReviveParts => ({
  stub: target => playRemote(player, { kind, target }, {}),
})

function callRemote(player: Player, { kind, target, member = '()' }: Place, args: unknown[]): object {
  let call: TapeCall
  try {
    call = player.take(kind, target, member, args)
  } catch (thrown) {
    // As the platform: who awaits it finds out, and so does who calls something on it.
    const failed = async (): Promise<never> => {
      throw thrown
    }
    return playRemote(player, { kind, target: `${target}.${member}` }, {}, failed)
  }
  const { input, ordinal } = call
  const came = `${call.target}.${call.method}(${JSON.stringify(input)})${ordinal > 0 ? `#${ordinal}` : ''}`
  let result: Promise<unknown> | undefined
  const settle = (): Promise<unknown> => {
    result ??= (async () => player.resultOf(call, partsOf(player, kind)))()
    return result
  }
  return playRemote(player, { kind, target: maskText(came, player.rules.names) }, {}, settle)
}
