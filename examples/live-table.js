/** @typedef {import('mcpvisor').ServerStatus} ServerStatus */

const columns = /** @type {const} */ (['server', 'state', 'pid', 'tools', 'restarts', 'note'])

/** @param {ServerStatus} status */
const row = ({ name, state, pid, tools, restarts, error }) => [
  name,
  state,
  String(pid ?? '-'),
  String(tools ?? '-'),
  String(restarts),
  error.slice(0, 72),
]

/** @param {readonly ServerStatus[]} statuses */
export function renderTable(statuses) {
  const rows = [[...columns], ...statuses.map(row)]
  const widths = columns.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)))
  return rows.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

/**
 * Tells a story above a table of states. On a terminal the table stays at the bottom and follows every change; anywhere
 * else each change is a plain line.
 *
 * @param {import('mcpvisor').Supervisor} supervisor
 * @param {NodeJS.WriteStream} out
 */
export function tellStory(supervisor, out) {
  let drawn = 0
  const erase = () => {
    if (drawn > 0) out.write(`\u001b[${drawn}A\u001b[0J`)
    drawn = 0
  }
  const draw = () => {
    const lines = renderTable(supervisor.statuses())
    out.write(`${lines.join('\n')}\n`)
    drawn = lines.length
  }
  supervisor.on('state.changed', ({ server, to, pid, error }) => {
    if (out.isTTY) {
      erase()
      draw()
    } else {
      const detail = to === 'ready' ? ` (pid ${pid})` : to === 'failed' && error ? `: ${error.message}` : ''
      out.write(`  ${server} is ${to}${detail}\n`)
    }
  })
  return {
    /** @param {string} line */
    say(line) {
      if (out.isTTY) erase()
      out.write(`${line}\n`)
      if (out.isTTY) draw()
    },
    table() {
      if (!out.isTTY) out.write(`${renderTable(supervisor.statuses()).join('\n')}\n`)
    },
    end() {
      if (out.isTTY) erase()
    },
  }
}
