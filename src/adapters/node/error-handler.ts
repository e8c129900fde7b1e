/**
 * Where an Express application passes its errors. Its users add one line, and a middleware sees no error of those after
 * it: so what sees them is put where they pass, before every handler that may answer them. Made by Express itself, and
 * put into its router's list; the application's own layers stay what they are.
 */
import { callMember, isFunction, read } from '../../safe-read.ts'
import type { NodeRequest, NodeResponse } from './message.ts'

/** A middleware for errors, as Express and Connect know it: by its four parameters. */
export type ErrorHandler = (
  error: unknown,
  request: NodeRequest,
  response: NodeResponse,
  next: (error?: unknown) => unknown,
) => void

/** All there are: a second recorder on an application finds the first one's in place. */
const errorHandlers: WeakSet<object> = new WeakSet()

/** Routers that are done, with the length of their list. */
const arranged: WeakMap<object, number> = new WeakMap()

export function registerErrorHandler(handler: ErrorHandler): void {
  errorHandlers.add(handler)
}

const isOurs = (layer: unknown): boolean => {
  const handle = read(layer, 'handle')
  return isFunction(handle) && errorHandlers.has(handle)
}

const isForErrors = (layer: unknown): boolean => read(layer, 'handle', 'length') === 4

/** A router's list of layers, where it is one that can be read. */
function layersOf(router: unknown): unknown[] | undefined {
  const layers = read(router, 'stack')
  return isFunction(router) && isFunction(read(router, 'use')) && Array.isArray(layers) ? layers : undefined
}

/** Whether a layer runs `middleware`, itself or by a router inside. */
function runs(layer: unknown, middleware: object, seen: Set<unknown> = new Set()): boolean {
  const handle = read(layer, 'handle')
  if (handle === middleware) return true
  if (seen.has(handle)) return false
  seen.add(handle)
  return layersOf(handle)?.some(inner => runs(inner, middleware, seen)) ?? false
}

/** Has Express make a layer of `handler`, and takes it off the end of the list. */
function makeLayer(router: unknown, layers: unknown[], handler: ErrorHandler): unknown[] {
  const before = layers.length
  callMember(router, 'use', handler)
  return layers.length > before ? layers.splice(before) : []
}

/** The layers of a router with the error handler before each of the application's. */
function arrange(
  router: unknown,
  layers: unknown[],
  start: number,
  middleware: object,
  handler: ErrorHandler,
  isLast: boolean,
): unknown[] {
  const result: unknown[] = []
  for (const [place, layer] of [...layers].entries()) {
    if (place > start && isForErrors(layer) && !isOurs(layer) && !isOurs(result.at(-1))) {
      result.push(...makeLayer(router, layers, handler))
    }
    result.push(layer)
    arrangeRouter(read(layer, 'handle'), middleware, handler, false)
  }
  if (isLast && !isOurs(result.at(-1))) result.push(...makeLayer(router, layers, handler))
  return result
}

function arrangeRouter(router: unknown, middleware: object, handler: ErrorHandler, isLast: boolean): void {
  const layers = layersOf(router)
  if (!layers || !isFunction(router) || arranged.get(router) === layers.length) return
  const isFirst = !arranged.has(router)
  arranged.set(router, layers.length)
  const start = layers.findLastIndex(layer => runs(layer, middleware))
  const result = arrange(router, layers, start, middleware, handler, isLast)
  arranged.set(router, result.length)
  if (result.length === layers.length) return
  // The request on its way here is at `start` and finds what comes after. One that is elsewhere in the list would lose
  // its place: it keeps the list that it has.
  if (isFirst && start >= 0) layers.splice(0, layers.length, ...result)
  else Reflect.set(router, 'stack', result)
}

/** Puts `handler` where an application's errors pass, once, and again when it has got more layers. */
export function placeErrorHandler(application: unknown, middleware: object, handler: ErrorHandler): void {
  // Express 4 throws for its `router`.
  const router = read(application, '_router') ?? read(application, 'router')
  arrangeRouter(router, middleware, handler, true)
}
