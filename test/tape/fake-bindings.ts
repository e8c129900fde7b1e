/** Bindings of the documented shape, in memory: for kinds that have no simulator, and for what none of them does. */

export interface FakeKv {
  get(key: string, type?: unknown): Promise<unknown>
  getWithMetadata(key: string): Promise<unknown>
  list(): Promise<unknown>
  put(key: string, value: unknown, options?: unknown): Promise<void>
  delete(key: string): Promise<void>
}

export function fakeKv(values: Record<string, unknown>): FakeKv {
  return {
    get: async key => values[key] ?? null,
    getWithMetadata: async key => ({ value: values[key] ?? null, metadata: null, cacheStatus: null }),
    list: async () => ({ keys: Object.keys(values).map(name => ({ name })), list_complete: true, cacheStatus: null }),
    put: async (key, value) => {
      values[key] = value
    },
    delete: async key => {
      Reflect.deleteProperty(values, key)
    },
  }
}

export interface FakeStatement {
  bind(...params: unknown[]): FakeStatement
  first(column?: string): Promise<unknown>
  all(): Promise<unknown>
  run(): Promise<unknown>
  raw(options?: { columnNames?: boolean }): Promise<unknown[]>
}

/** A database of one answer. */
export function fakeDatabase(rows: Record<string, unknown>[]) {
  const statement: FakeStatement = {
    bind: () => statement,
    first: async column => (column ? (rows[0]?.[column] ?? null) : (rows[0] ?? null)),
    all: async () => ({ success: true, results: rows, meta: {} }),
    run: async () => ({ success: true, results: [], meta: {} }),
    raw: async options => [
      ...(options?.columnNames ? [Object.keys(rows[0] ?? {})] : []),
      ...rows.map(row => Object.values(row)),
    ],
  }
  return {
    prepare: (_sql: string) => statement,
    batch: async (statements: FakeStatement[]) => await Promise.all(statements.map(one => one.all())),
    exec: async (_sql: string) => ({ count: 1, duration: 0 }),
  }
}

/** Workers AI, as its page documents it: text at once, or a stream of events. */
export function fakeAi() {
  return {
    run: async (_model: string, input: { prompt: string; stream?: boolean }) =>
      input.stream
        ? new Response('data: {"response":"hel"}\n\ndata: {"response":"lo"}\n\n').body
        : { response: 'hello' },
    models: async () => [{ name: '@cf/meta/llama-3-8b-instruct' }],
    toMarkdown: async (files: { name: string; blob: Blob }[]) => files.map(({ name }) => ({ name, data: '# hello' })),
    gateway: (_id: string) => ({ getLog: async () => ({}) }),
  }
}

/** A Vectorize index, as its page documents it. */
export function fakeIndex() {
  const mutation = async () => ({ mutationId: 'm1' })
  return {
    query: async (_vector: readonly number[], _options?: object) => ({ count: 1, matches: [{ id: 'a', score: 0.9 }] }),
    queryById: async (_id: string) => ({ count: 0, matches: [] }),
    getByIds: async (ids: string[]) => ids.map(id => ({ id, values: [0.5, -0.5] })),
    insert: mutation,
    upsert: mutation,
    deleteByIds: mutation,
    describe: async () => ({ vectorCount: 1, dimensions: 2 }),
  }
}
