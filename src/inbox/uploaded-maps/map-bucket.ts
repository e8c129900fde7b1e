/** Where uploaded source maps are kept: what is called of an R2 bucket. */
export interface MapBucket {
  get(key: string): Promise<{ text(): Promise<string> } | null>
  put(key: string, value: string): Promise<unknown>
  delete(keys: string[]): Promise<void>
  /** In the order of their keys, 1,000 at most a page. */
  list(options: {
    prefix: string
    cursor?: string
  }): Promise<{ objects: { key: string }[] } & ({ truncated: false } | { truncated: true; cursor: string })>
}

/** Characters that a bucket in memory keeps; what was written first goes first. */
const MAX_LENGTH = 200_000_000

/** A bucket that lives as long as its process. */
export function createMemoryBucket(maxLength: number = MAX_LENGTH): MapBucket {
  const values = new Map<string, string>()
  let length = 0
  const remove = (key: string) => {
    length -= values.get(key)?.length ?? 0
    values.delete(key)
  }
  return {
    async get(key) {
      const value = values.get(key)
      return value === undefined ? null : { text: async () => value }
    },
    async put(key, value) {
      remove(key)
      values.set(key, value)
      length += value.length
      for (const oldest of values.keys()) {
        if (length <= maxLength || oldest === key) break
        remove(oldest)
      }
    },
    async delete(keys) {
      for (const key of keys) remove(key)
    },
    async list({ prefix }) {
      const keys = [...values.keys()].filter(key => key.startsWith(prefix)).sort()
      return { objects: keys.map(key => ({ key })), truncated: false }
    },
  }
}
