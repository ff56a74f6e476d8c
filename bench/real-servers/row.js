export const head = `| server | version | way | protocol | ready | tools | call | answer | processes | ended by | left |
|---|---|---|---|---|---|---|---|---|---|---|`

/** One line of the table, and what is wrong with what it says. */
export function rowOf(server, { form = 'stdio', era = 'auto' }, seen) {
  const at = server.package.lastIndexOf('@')
  const { processes, handles } = seen.left
  const cells = [
    `\`${server.package.slice(0, at)}\``,
    server.package.slice(at + 1),
    era === 'auto' ? form : `${form}, \`${era}\``,
    ...(seen.failure ? [`\`${seen.failure.code}\``, '-', '-', '-', '-'] : usedCells(server, seen)),
    form === 'stdio' ? seen.processes : '-',
    seen.endedBy ?? 'its deadline',
    processes === 0 && handles === 0 ? 'nothing' : `${processes} processes, ${handles} handles`,
  ]
  return { line: `| ${cells.join(' | ')} |`, faults: faultsOf(server, seen) }
}

function usedCells({ call, lacks }, { protocolVersion, readyMs, tools, answer }) {
  const why = answer.as === 'result' ? '' : `, for it has no ${lacks}`
  return [protocolVersion, `${Math.round(readyMs)} ms`, tools, `\`${call[0]}\``, `${answer.as}${why}`]
}

function faultsOf({ says, lacks, hangsWithout }, { failure, answer, complaints, left }) {
  return [
    ...(hangsWithout && failure?.code !== 'CONNECT_TIMEOUT' ? ['must end in CONNECT_TIMEOUT where it hangs'] : []),
    ...(failure && !hangsWithout ? [`${failure.code}: ${failure.message}`] : []),
    ...(answer && !lacks && !(answer.as === 'result' && answer.text.includes(says))
      ? [`the answer must be a result that says "${says}", got ${answer.as} "${answer.text.slice(0, 200)}"`]
      : []),
    ...complaints,
    ...(left.processes > 0 ? [`${left.processes} processes left`] : []),
    ...(left.handles !== 0 ? [`${left.handles} handles left`] : []),
  ]
}
