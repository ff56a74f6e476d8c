/** A lawful MCP server in POSIX sh: tiny and quick to start, so that a test can have hundreds. */
import type { Policy } from '../../src/index.js'

const script = String.raw`
while read -r line; do
  id=${'$'}{line##*'"id":'}
  id=${'$'}{id%%[,\}]*}
  case $line in
    *'"method":"initialize"'*) result='{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"sh","version":"1"}}' ;;
    *'"method":"tools/list"'*) result='{"tools":[{"name":"echo","inputSchema":{"type":"object"}}]}' ;;
    *'"method":"tools/call"'*)
      text=${'$'}{line#*'"text":"'}
      result="{\"content\":[{\"type\":\"text\",\"text\":\"${'$'}{text%%'"'*}\"}]}" ;;
    *) continue ;;
  esac
  printf '{"jsonrpc":"2.0","id":%s,"result":%s}\n' "$id" "$result"
done
`

/** It has one tool, `echo {text}`, for texts without quotes. */
export function shellServer(policy: Partial<Policy> = {}) {
  return { command: '/bin/sh', args: ['-c', script], supervisor: policy }
}

/** So many of them, by the names `s0`, `s1` and so on. */
export function shellServers(
  count: number,
  policy: Partial<Policy> = {},
): Record<string, ReturnType<typeof shellServer>> {
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [`s${n}`, shellServer(policy)]))
}
