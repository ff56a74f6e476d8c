/** A configuration with a server that asks for authorization, and one that cannot be started. */
import { protectedServer } from '../fixtures/authorization/protected.js'
import { folderOf } from './command-line.js'

export async function protectedConfig() {
  const server = await protectedServer()
  const cwd = folderOf({ 'mcp.json': { mcpServers: { api: { url: server.url }, other: { command: 'none' } } } })
  return { ...server, cwd, args: ['-c', 'mcp.json'] }
}

/** The address that a command told to log in at. */
export const addressIn = (output: string): string => /^http:\/\/\S+/m.exec(output)?.[0] ?? ''
