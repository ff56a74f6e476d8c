// Writes the JSON Schema anew. Run after `npm run build`, then `npm run format`.
import { writeFileSync } from 'node:fs'
import { configJsonSchema } from '../dist/config/index.js'

const text = `${JSON.stringify(configJsonSchema(), null, 2)}\n`
writeFileSync(new URL('mcp.schema.json', import.meta.url), text)
