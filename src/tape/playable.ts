/**
 * A binding whose calls are recorded, or played back where a replay has sent the request that they are made in: a client that
 * is kept between requests holds one binding for both.
 */
import { isFunction } from '../safe-read.ts'
import { type PlayedKind, playDatabase } from './play-bindings.ts'
import type { Playback } from './playback.ts'
import type { Player } from './player.ts'
import { standsFor } from './wrap.ts'

/** Finds what is played back to the request that this code runs for. */
export type FindPlayback = () => Playback | undefined

/** @param recorded of the binding `bare`: what is called where nothing is played back */
export function makePlayable(
  bare: object,
  recorded: object,
  { name, kind }: { name: string; kind: PlayedKind },
  find: FindPlayback,
): object {
  const player = (): Player => {
    const found = find()
    if (!found) throw new TypeError(`Nothing is played back here, and ${name} is asked to.`)
    return found.player
  }
  const wrapper =
    kind === 'd1'
      ? playableDatabase({ recorded, played: playDatabase(player, name) }, find)
      : new Proxy(recorded, { get: (recorded, key) => Reflect.get(find()?.binding(name, kind) ?? recorded, key) })
  standsFor(wrapper, bare)
  return wrapper
}

/** One thing, and what stands for it where a tape is played back. */
interface Sides {
  readonly recorded: object
  readonly played: object
}

/** By what was handed over. */
const statements = new WeakMap<object, Sides>()

function call(target: object, method: string, args: readonly unknown[]): unknown {
  const found: unknown = Reflect.get(target, method)
  if (!isFunction(found)) throw new TypeError(`${method} is not a function`)
  return Reflect.apply(found, target, args)
}

/** Both are made of what they are given: neither `prepare` nor `bind` asks anything of a database. */
const callBoth = ({ recorded, played }: Sides, method: string, args: readonly unknown[]): Sides => ({
  recorded: Object(call(recorded, method, args)),
  played: Object(call(played, method, args)),
})

/** Methods that are called where the request is, and those of `own` in their place. */
function between(
  sides: Sides,
  find: FindPlayback,
  own: { readonly [method: string]: (...args: unknown[]) => unknown },
) {
  return new Proxy(sides.recorded, {
    get(_recorded, key) {
      if (typeof key === 'string' && Object.hasOwn(own, key)) return own[key]
      const side = find() ? sides.played : sides.recorded
      const member: unknown = Reflect.get(side, key)
      return isFunction(member) && key !== 'constructor'
        ? (...args: unknown[]) => Reflect.apply(member, side, args)
        : member
    },
  })
}

function playableStatement(sides: Sides, find: FindPlayback): object {
  const statement = between(sides, find, {
    bind: (...args) => playableStatement(callBoth(sides, 'bind', args), find),
  })
  statements.set(statement, sides)
  return statement
}

function playableDatabase(sides: Sides, find: FindPlayback): object {
  return between(sides, find, {
    prepare: (...args) => playableStatement(callBoth(sides, 'prepare', args), find),
    batch: (given, ...rest) => {
      const side = find() ? 'played' : 'recorded'
      const list = Array.isArray(given)
        ? given.map((one: unknown) => statements.get(Object(one))?.[side] ?? one)
        : given
      return call(sides[side], 'batch', [list, ...rest])
    },
    withSession: (...args) => playableDatabase(callBoth(sides, 'withSession', args), find),
  })
}
