/** What a client gets, byte for byte, from runtimes that serve a `fetch` handler themselves: the same with us and without. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { bundleEntry } from '../package/bundle-entry.ts'
import { bun, deno, type Host } from '../support/legs/hosts.ts'
import { send } from '../support/node-server.ts'

interface Served {
  ports: Record<string, number>
  paths: string[]
}

async function serve({ name, binary, args }: Host): Promise<Served> {
  const folder = await mkdtemp(join(tmpdir(), 'replaystack-wire-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'server.mjs')
  await writeFile(file, (await bundleEntry('test/adapters/wire-server.ts')).code)
  const allowed = name === 'Deno' ? ['--allow-net=127.0.0.1'] : []
  const child = spawn(binary, [...args, ...allowed, file], { stdio: ['ignore', 'pipe', 'ignore'] })
  const ended = once(child, 'close')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const [line] = await once(createInterface(child.stdout), 'line')
  return JSON.parse(String(line))
}

async function receive(port: number | undefined, path: string): Promise<unknown> {
  const { status, rawHeaders, body } = await send(port ?? 0, path)
  const lines: string[] = []
  for (let place = 0; place < rawHeaders.length; place += 2) {
    const [name = '', value = ''] = rawHeaders.slice(place, place + 2)
    if (!/^(x-trace-id|date)$/i.test(name)) lines.push(`${name.toLowerCase()}: ${value}`)
  }
  return { path, status, headers: lines.sort(), body: body.toString('base64') }
}

test.each([deno, bun])('$name sends the same', async host => {
  const { ports, paths } = await serve(host)
  for (const where of ['', ', in Hono']) {
    for (const path of paths) {
      expect(await receive(ports[`recorded${where}`], path), `${path}${where}`).toEqual(
        await receive(ports[`bare${where}`], path),
      )
    }
  }
})
