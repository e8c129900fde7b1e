/** Processes beside the one that measures: asked by name, ended with it. */
import { fork, spawn } from 'node:child_process'
import { onOwnCore } from './cores.mjs'

const children = new Set()

/** Longer than anything that is asked takes: a helper that hangs does not hang the run. */
const PATIENCE_MS = 20 * 60_000

process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))

/** Ends with its parent, whatever happens. */
export function adopt(child) {
  children.add(child)
  child.ended = new Promise(resolve => child.once('close', resolve)).then(() => children.delete(child))
  return child
}

/** Ends a child and waits for it. */
export async function end(child, signal = 'SIGKILL') {
  child.kill(signal)
  await child.ended
}

/** Runs a program that is no helper, its output kept for whoever must explain a failure. */
export function run(file, args, options = {}) {
  const child = adopt(spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe', 'pipe'], ...options }))
  keepLog(child)
  return child
}

function keepLog(child) {
  child.log = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', text => {
      child.log = (child.log + text).slice(-4_000)
    })
  }
}

/**
 * Starts a helper, on the core of applications where it is one, and waits until it is ready. `ask(name, argument)` calls
 * one of its functions.
 * @throws with its output, where it ends before
 */
export async function startHelper(url, { args = [], env = {}, execArgv = [], ownCore = false } = {}) {
  const [execPath, nodeArgv] = ownCore ? onOwnCore(process.execPath, execArgv) : [process.execPath, execArgv]
  const child = adopt(
    fork(url, args, {
      execPath,
      execArgv: nodeArgv,
      env: { ...process.env, ...env },
      silent: true,
      serialization: 'advanced',
    }),
  )
  keepLog(child)
  const waiting = new Map()
  let asked = 0
  const expect = (number, what) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => settle({ number, error: `${what} of ${url} did not answer.` }), PATIENCE_MS)
      waiting.set(number, { timer, resolve, reject })
    })
  function settle({ number, value, error }) {
    const { timer, resolve, reject } = waiting.get(number) ?? {}
    waiting.delete(number)
    clearTimeout(timer)
    if (error) reject?.(new Error(error))
    else resolve?.(value)
  }
  child.on('message', settle)
  child.ended.then(() => {
    for (const number of waiting.keys()) settle({ number, error: `${url} ended:\n${child.log}` })
  })
  await expect('ready', 'the start')
  return {
    child,
    stop: () => end(child),
    ask(name, argument) {
      const number = asked++
      child.send({ number, name, argument })
      return expect(number, name)
    },
  }
}

/** In a helper: says that it is ready, and answers what is asked of it. */
export function serveParent(functions) {
  process.on('message', async ({ number, name, argument }) => {
    try {
      process.send({ number, value: await functions[name](argument) })
    } catch (thrown) {
      process.send({ number, error: thrown.message })
    }
  })
  process.on('disconnect', () => process.exit())
  process.send({ number: 'ready' })
}
