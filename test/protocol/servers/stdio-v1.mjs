/** The server of `http-v1.mjs` over stdio, where it cannot say in whose answer it asks. */
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { createSession } from './http-v1.mjs'

await createSession().connect(new StdioServerTransport())
