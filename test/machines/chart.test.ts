import { readFile } from 'node:fs/promises'

import { describe, expect, it } from 'vitest'

import { arrowsOf, toMermaid } from '../../src/machines/chart.js'
import { createServerBench } from '../support/server-bench.js'
import { createSupervisorBench } from '../support/supervisor-bench.js'

const chartsOf = (text: string) =>
  [...text.matchAll(/```mermaid\n(stateDiagram-v2[^`]*)\n```/g)].map(([, chart]) => chart)

describe('the charts', () => {
  it('are drawn in docs/architecture.md as the machines are', async () => {
    const docs = await readFile(new URL('../../docs/architecture.md', import.meta.url), 'utf8')
    expect(chartsOf(docs)).toEqual([
      toMermaid(createServerBench().machine),
      toMermaid(createSupervisorBench().root.logic),
    ])
  })

  it('hold transient transitions and name delays and guards', () => {
    const arrows = arrowsOf(createServerBench().machine)
    expect(arrows).toContainEqual({ from: 'timedOut', to: 'failed', label: 'always [retriesExhausted]' })
    expect(arrows).toContainEqual({ from: 'connecting', to: 'timedOut', label: 'after connectDeadline' })
    expect(arrows).toContainEqual({ from: 'any', to: 'closed', label: 'stop' })
  })
})
