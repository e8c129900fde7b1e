import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { DEFAULT_INBOX } from '../../loopback.ts'
import { parseOptions, readInboxUrl } from '../command-options.ts'
import { createMcpServer } from '../mcp/server.ts'
import type { Terminal } from '../terminal.ts'

/** `replaystack mcp`: a server of the Model Context Protocol over stdin and stdout, until its client is gone. */
export async function runMcpCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { inbox } = parseOptions(args, { inbox: { type: 'string', default: DEFAULT_INBOX } })
  const server = createMcpServer(readInboxUrl(inbox))
  const ended = new Promise<void>(resolve => {
    server.onclose = resolve
    // The transport takes no notice of a client that has gone.
    process.stdin.once('end', resolve).once('close', resolve)
    terminal.interrupted.addEventListener('abort', () => resolve(), { once: true })
  })
  await server.connect(new StdioServerTransport())
  await ended
  await server.close()
  return 0
}
