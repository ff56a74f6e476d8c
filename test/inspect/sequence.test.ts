import fc from 'fast-check'
import { expect, test } from 'vitest'

import { toMermaidSequence } from '../../src/inspect/index.js'

test('a name, whatever is in it, stays on its line of a Mermaid diagram', () => {
  const names = fc.string({ unit: fc.constantFrom(...'ab;#: \n\r>'.split('')) })
  fc.assert(
    fc.property(names, names, (server, tool) => {
      const diagram = toMermaidSequence([
        { kind: 'answer', from: `server:${server}`, to: 'host', label: `${tool} answered`, times: 2 },
      ])
      const lines = diagram.split(/[\n\r]/)
      expect(lines).toHaveLength(4)
      const [, , participant = '', answer = ''] = lines
      expect(read(participant)).toBe(`  participant p1 as server:${server}`)
      expect(read(answer)).toBe(`  p1-->>p0: ${tool} answered ×2`)
      expect(diagram.replaceAll(/#\d+;/g, '')).not.toMatch(/[;#]/)
    }),
  )
})

/** As Mermaid reads what stands for a character. */
const read = (line: string): string =>
  line.replaceAll(/#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
