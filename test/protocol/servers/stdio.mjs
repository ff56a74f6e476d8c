/** `node stdio.mjs [modern]`: the surface server over stdio, of both eras or of the modern one alone. JOURNAL gets a line a start. */
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { appendFileSync } from 'node:fs'
import { createSurface } from './surface.mjs'

if (process.env.JOURNAL) appendFileSync(process.env.JOURNAL, `${process.pid}\n`)
serveStdio(createSurface, { legacy: process.argv[2] === 'modern' ? 'reject' : 'serve' })
