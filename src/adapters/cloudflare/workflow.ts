/** Workflows: one event a run, with what became of its steps. */
import { currentScope, runInScope } from '../../client/scope.ts'
import { observe } from '../../observe/lifecycle.ts'
import { partsTraceId } from '../../observe/parts.ts'
import type { AdapterConfiguration } from '../../types.ts'
import { type ClassRules, instrumentClass, type PlatformClass } from './instrument-class.ts'
import { type Invocation, membersOf } from './invocation.ts'
import { WorkflowSteps } from './workflow-steps.ts'

/** The members of Cloudflare's `WorkflowEvent` that are read. */
interface WorkflowEvent {
  instanceId: string
  payload: unknown
}

/** A run that sleeps long is called again from its beginning, and ends but once: that is its event. */
function observeRun({ setup, name, args, ctx, metadata, run }: Invocation): unknown {
  const [event, step] = args
  const { instanceId, payload } = membersOf<WorkflowEvent>(event)
  const steps = new WorkflowSteps()
  args[1] = typeof step === 'object' || typeof step === 'function' ? steps.standInFor(Object(step), carryScope) : step
  const describe = () => ({
    fields: { metadata: { ...metadata?.(), instanceId } },
    ...(setup.captureRequestBody && { payload: async () => payload }),
    lateMetadata: async () => steps.metadata(),
  })
  // All that an instance does is one trace, also what it did before it slept.
  const traceId = () => partsTraceId({ 'x-trace-id': instanceId })
  const work = { eventType: 'custom', endpoint: name, waitUntil: ctx, traceId, describe } as const
  return observe(setup, work, run, result => ({
    result,
    fields: setup.captureResponseBody && result !== undefined ? { responsePayload: result } : {},
  }))
}

/** The engine calls a step back by RPC, outside of the scope that it was begun in. */
function carryScope(callback: (...args: unknown[]) => unknown): (...args: unknown[]) => unknown {
  const scope = currentScope()
  return scope ? (...args) => runInScope(scope, callback, ...args) : callback
}

const rules: ClassRules = {
  handlers: { run: { observe: observeRun, arity: 2 } },
  metadata: className => ({ workflow: className }),
}

/**
 * A `WorkflowEntrypoint` class whose runs are recorded: the same class, the same type. A run is one event, when it has ended;
 * its steps are in `metadata.steps`, each with its attempts, and it fails once, when a step has no more of them. A step that
 * was done before the instance slept has no attempts: it is not run again. `run` is passed its handle as third argument. An
 * instance's id is its trace id.
 * @param options the client's and the adapter's, or a function that makes them from the Worker's `env`
 * @throws {TypeError} naming an option that is wrong. A missing key throws nothing: it is reported once, and the workflow
 * runs as it would without.
 * @example
 * export const Checkout = instrumentWorkflow(
 *   class Checkout extends WorkflowEntrypoint<Env, Order> {
 *     async run(event: WorkflowEvent<Order>, step: WorkflowStep) {
 *       const charge = await step.do('charge', () => this.env.BANK.charge(event.payload))
 *       await step.sleep('before it ships', '1 day')
 *       return await step.do('ship', () => this.env.STOCK.ship(charge.id))
 *     }
 *   },
 * )
 */
export function instrumentWorkflow<Class extends PlatformClass>(
  target: Class,
  options?: AdapterConfiguration<Request>,
): Class {
  return instrumentClass(target, options, rules)
}
