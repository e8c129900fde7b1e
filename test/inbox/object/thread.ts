/** The thread that workerd is driven from: who calls it waits for the answer. */
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { runAsWorker } from 'synckit'
import { bundleEntry } from '../../package/bundle-entry.ts'

async function start(): Promise<Miniflare> {
  const { code } = await bundleEntry('test/inbox/object/fixture.ts')
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      cf: false,
      workers: [
        {
          name: 'stores',
          modules: [{ type: 'ESModule', path: 'worker.mjs', contents: code }],
          modulesRoot: '/',
          compatibilityDate: '2026-08-04',
          durableObjects: { STORES: { className: 'StoreObject', useSQLite: true } },
        },
      ],
    }),
  )
  await miniflare.ready
  return miniflare
}

let started: Promise<Miniflare> | undefined

runAsWorker(async (call: string | undefined) => {
  if (call === undefined) {
    await (await started)?.dispose()
    return ''
  }
  started ??= start()
  const response = await (await started).dispatchFetch('http://stores/', { method: 'POST', body: call })
  return response.text()
})
