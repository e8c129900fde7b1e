import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { onTestFinished } from 'vitest'

export type CallTool = (name: string, given?: Record<string, unknown>) => Promise<{ text: string; isError: unknown }>

/** An agent's client of a command, until the test is over. What it answers calls a tool. */
export async function connectAgent(
  file: string,
  args: readonly string[],
  { cwd = process.cwd(), env }: { cwd?: string; env?: Record<string, string> } = {},
): Promise<CallTool> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [file, 'mcp', ...args],
    cwd,
    stderr: 'pipe',
    ...(env && { env }),
  })
  const client = new Client({ name: 'test', version: '1' })
  await client.connect(transport)
  onTestFinished(() => client.close())
  return async (name, given = {}) => {
    const { content, isError } = await client.callTool({ name, arguments: given })
    const [block] = content as { type: string; text: string }[]
    return { text: block?.text ?? '', isError }
  }
}
