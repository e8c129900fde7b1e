/** A client of which each byte is known, and each that it gets. */
import { connect } from 'node:net'
import type { Ask, Step } from './way.ts'

/** What came, as it came. */
export interface Received {
  /** Status lines and headers before the last: early hints. */
  early: string[][]
  /** The status line, and the headers in their order and spelling. */
  head: string[]
  framing: 'length' | 'chunked' | 'until the end' | 'none' | 'upgrade'
  body: string
  trailers: string[]
  /** How it was over: all of it was there, the connection ended before, or it was the client that left. */
  end: 'whole' | 'cut' | 'left'
}

/** How a client asks, and what takes its steps that are not its own. */
export interface Conversation extends Ask {
  port: number
  path: string
  open(): Promise<void>
  hasSeen(what: string): Promise<boolean>
}

/** What differs from request to request. */
const VARYING = /^(x-trace-id|date|keep-alive): /i

interface Parsed extends Omit<Received, 'end'> {
  isWhole: boolean
}

function splitHead(text: string): { lines: string[]; rest: string } | undefined {
  const end = text.indexOf('\r\n\r\n')
  return end < 0 ? undefined : { lines: text.slice(0, end).split('\r\n'), rest: text.slice(end + 4) }
}

function readChunks(text: string): Pick<Parsed, 'body' | 'trailers' | 'isWhole'> {
  let body = ''
  for (let rest = text; ; ) {
    const line = rest.indexOf('\r\n')
    const size = Number.parseInt(rest.slice(0, line), 16)
    if (line < 0 || Number.isNaN(size)) return { body, trailers: [], isWhole: false }
    if (size === 0) {
      const trailers = splitHead(`x${rest.slice(line)}`)
      return { body, trailers: trailers?.lines.slice(1) ?? [], isWhole: trailers !== undefined }
    }
    body += rest.slice(line + 2, line + 2 + size)
    rest = rest.slice(line + 2 + size + 2)
  }
}

/** A response, as far as it has come. */
function parse(text: string, method: string): Parsed {
  const early: string[][] = []
  let split = splitHead(text)
  while (split && /^HTTP\/1\.1 1(?!01)/.test(split.lines[0] ?? '')) {
    early.push(split.lines)
    split = splitHead(split.rest)
  }
  if (!split) return { early, head: [], framing: 'none', body: '', trailers: [], isWhole: false }
  const { lines, rest } = split
  const head = lines.filter(line => !VARYING.test(line))
  const status = Number(lines[0]?.split(' ')[1])
  const headerOf = (name: string): string | undefined =>
    lines.find(line => line.toLowerCase().startsWith(`${name}:`))?.slice(name.length + 1)
  const known = { early, head, trailers: [] }
  if (status === 101) return { ...known, framing: 'upgrade', body: rest, isWhole: false }
  if (method === 'HEAD' || status === 204 || status === 304) {
    return { ...known, framing: 'none', body: rest, isWhole: true }
  }
  if (headerOf('transfer-encoding')?.includes('chunked')) return { ...known, framing: 'chunked', ...readChunks(rest) }
  const length = headerOf('content-length')
  if (length === undefined && status === 205) return { ...known, framing: 'none', body: rest, isWhole: true }
  if (length === undefined) return { ...known, framing: 'until the end', body: rest, isWhole: false }
  return { ...known, framing: 'length', body: rest, isWhole: rest.length >= Number(length) }
}

/** Asks, takes its steps, and resolves to what came when it is over. */
export async function converse({
  port,
  path,
  method = 'GET',
  headers = [],
  body,
  steps = [],
  ...server
}: Conversation) {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  let isClosed = false
  let changed = (): void => {}
  const change = (): Promise<void> =>
    new Promise(resolve => {
      changed = resolve
    })
  let next = change()
  const stir = (): void => {
    changed()
    next = change()
  }
  socket.setNoDelay(true)
  socket.on('data', data => {
    text += data.toString('latin1')
    stir()
  })
  socket.on('error', () => {})
  socket.on('close', () => {
    isClosed = true
    stir()
  })
  const length = body === undefined || headers.some(line => /^transfer-encoding/i.test(line)) ? [] : [body.length]
  const lines = [
    `${method} ${path} HTTP/1.1`,
    'host: shop.example',
    ...headers,
    ...length.map(bytes => `content-length: ${bytes}`),
  ]
  socket.write(`${lines.join('\r\n')}\r\n\r\n${body ?? ''}`, 'latin1')
  let hasLeft = false
  const isOver = (): boolean => isClosed || parse(text, method).isWhole
  const take = async (step: Step): Promise<void> => {
    if (step === 'open') await server.open()
    else if (step === 'leave') {
      hasLeft = true
      socket.resetAndDestroy()
    } else if ('send' in step) socket.write(step.send, 'latin1')
    else if ('until' in step) while (!text.includes(step.until) && !isOver()) await next
    else while (!(await server.hasSeen(step.saw))) await new Promise(resolve => setTimeout(resolve, 2))
  }
  for (const step of steps) await take(step)
  while (!isOver()) await next
  const { isWhole, ...parsed } = parse(text, method)
  socket.destroy()
  const isAll = isWhole || parsed.framing === 'until the end' || parsed.framing === 'upgrade'
  const received: Received = { ...parsed, end: hasLeft ? 'left' : isAll ? 'whole' : 'cut' }
  return received
}
