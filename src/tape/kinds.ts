/** What a binding is, by looking at it: the platform's by the name of its class, a fake by the methods that only it has. */
import { isFunction, read } from '../safe-read.ts'

/** What is done with a binding. */
export type BindingKind =
  | 'kv'
  | 'd1'
  | 'r2'
  | 'queue'
  | 'object'
  | 'service'
  | 'ai'
  | 'vectorize'
  | 'ratelimit'
  | 'secret'
  | 'hyperdrive'
  | 'variable'
  | 'unknown'

const CLASSES: Readonly<Record<string, BindingKind>> = {
  KvNamespace: 'kv',
  D1Database: 'd1',
  R2Bucket: 'r2',
  WorkerQueue: 'queue',
  DurableObjectNamespace: 'object',
  Fetcher: 'service',
  Ai: 'ai',
  VectorizeIndexImpl: 'vectorize',
  Ratelimit: 'ratelimit',
  SecretsStoreSecret: 'secret',
  Hyperdrive: 'hyperdrive',
}

/** The methods of each, as Cloudflare documents them; the first that has them all. */
const SHAPES: readonly (readonly [methods: readonly string[], kind: BindingKind])[] = [
  [['getWithMetadata', 'list', 'put', 'delete'], 'kv'],
  [['prepare', 'batch', 'exec'], 'd1'],
  [['head', 'createMultipartUpload', 'resumeMultipartUpload'], 'r2'],
  [['send', 'sendBatch'], 'queue'],
  [['idFromName', 'newUniqueId'], 'object'],
  [['describe', 'query', 'upsert'], 'vectorize'],
  [['run', 'gateway'], 'ai'],
  [['run', 'toMarkdown'], 'ai'],
  [['limit'], 'ratelimit'],
  [['fetch'], 'service'],
]

/** What stands under a name of `env`. */
export function kindOfBinding(value: unknown): BindingKind {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return 'variable'
  const name = read(Object.getPrototypeOf(value), 'constructor', 'name')
  const known = typeof name === 'string' && Object.hasOwn(CLASSES, name) ? CLASSES[name] : undefined
  if (known) return known
  for (const [methods, kind] of SHAPES) if (methods.every(method => isFunction(read(value, method)))) return kind
  const isPlain = Array.isArray(value) || name === 'Object' || name === undefined
  return isPlain ? 'variable' : 'unknown'
}
