import { type ExitCode, exitCodes } from '../exit-codes.js'
import type { Terminal } from '../terminal.js'

/** A verb with the words that may follow it. */
export interface CompletableVerb {
  readonly name: string
  readonly description: string
  /** Long and short, as they are typed. */
  readonly options: readonly string[]
  /** What its arguments are. */
  readonly takes: 'servers' | 'tools' | 'files' | 'verbs' | 'nothing'
  /** For `verbs`. */
  readonly verbs: readonly string[]
}

export type Shell = 'bash' | 'zsh' | 'fish'

/**
 * `mcpvisor completion <shell>`: prints a script that completes verbs, options, files and servers. Those are asked of a
 * running instance and of nobody else: nothing is started to complete a word.
 */
export function completion(shell: Shell, verbs: readonly CompletableVerb[], { out }: Terminal): ExitCode {
  const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript }
  out.line(scripts[shell](verbs).trimEnd())
  return exitCodes.ok
}

const wordsOf = ({ options, verbs }: CompletableVerb): string => [...verbs, ...options].join(' ')

function bashScript(verbs: readonly CompletableVerb[]): string {
  const taken = {
    servers: '_mcpvisor_servers "$word"',
    tools: '_mcpvisor_servers "$word" .; compopt -o nospace 2>/dev/null',
    // The completion of files that bash has knows best how to quote them.
    files: 'compopt -o default 2>/dev/null',
  }
  const cases = verbs.map((verb) => {
    const words = wordsOf(verb) && `COMPREPLY=($(compgen -W "${wordsOf(verb)}" -- "$word"))`
    const rest = verb.takes === 'verbs' || verb.takes === 'nothing' ? undefined : taken[verb.takes]
    return `    ${verb.name}) ${[words, rest].filter(Boolean).join('; ') || ':'} ;;`
  })
  return `# bash completion of mcpvisor: eval "$(mcpvisor completion bash)"
_mcpvisor_servers() {
  local word=$1 end=$2 name shown at
  local -a config=()
  for ((at = 1; at < COMP_CWORD; at++)); do
    case \${COMP_WORDS[at]} in -c | --config) config+=(-c "\${COMP_WORDS[at + 1]}") ;; esac
  done
  while IFS= read -r name; do
    case $word in
      [\\"\\']*) [[ $name == "\${word:1}"* ]] && COMPREPLY+=("$name$end") ;;
      *) printf -v shown %q "$name" && [[ $shown == "$word"* ]] && COMPREPLY+=("$shown$end") ;;
    esac
  done < <(mcpvisor status --names "\${config[@]}" 2>/dev/null)
}
_mcpvisor() {
  local word=\${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
  case \${COMP_WORDS[COMP_CWORD - 1]} in
    -c | --config | --to) compopt -o default 2>/dev/null; return ;;
  esac
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W "${verbs.map(({ name }) => name).join(' ')} --help --version --no-color" -- "$word"))
    return
  fi
  case \${COMP_WORDS[1]} in
${cases.join('\n')}
  esac
}
complete -F _mcpvisor mcpvisor
`
}

function zshScript(verbs: readonly CompletableVerb[]): string {
  const taken = { servers: '_mcpvisor_servers', tools: '_mcpvisor_servers -S .', files: '_files' }
  const names = verbs.map(({ name, description }) => `    ${inZsh(`${name}:${description}`)}`)
  const cases = verbs.map((verb) => {
    const words = wordsOf(verb) && `compadd -- ${wordsOf(verb)}`
    const rest = verb.takes === 'verbs' || verb.takes === 'nothing' ? undefined : taken[verb.takes]
    return `    ${verb.name}) ${[words, rest].filter(Boolean).join('; ') || ':'} ;;`
  })
  return `#compdef mcpvisor
# zsh completion of mcpvisor: put it into a folder of $fpath as _mcpvisor
_mcpvisor_servers() {
  local -a config names
  local at
  for ((at = 2; at < CURRENT; at++)); do
    [[ \${words[at]} == (-c|--config) ]] && config+=(-c "\${(Q)words[at + 1]}")
  done
  names=("\${(@f)$(mcpvisor status --names $config 2>/dev/null)}")
  compadd "$@" -- \${names:#}
}
_mcpvisor() {
  local -a verbs=(
${names.join('\n')}
  )
  if [[ \${words[CURRENT-1]} == (-c|--config|--to) ]]; then _files; return; fi
  if ((CURRENT == 2)); then _describe verb verbs; return; fi
  case \${words[2]} in
${cases.join('\n')}
  esac
}
compdef _mcpvisor mcpvisor
`
}

const inZsh = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

function fishScript(verbs: readonly CompletableVerb[]): string {
  const lines = verbs.flatMap(({ name, description, options, takes, verbs: below }) => {
    const within = `-n '__fish_seen_subcommand_from ${name}'`
    const end = takes === 'tools' ? ' .' : ''
    return [
      `complete -c mcpvisor -n __fish_use_subcommand -f -a ${name} -d ${inFish(description)}`,
      ...options.map((option) => `complete -c mcpvisor ${within} ${inFishOption(option)}`),
      ...(below.length > 0 ? [`complete -c mcpvisor ${within} -f -a '${below.join(' ')}'`] : []),
      ...(takes === 'servers' || takes === 'tools'
        ? [`complete -c mcpvisor ${within} -f -a '(__mcpvisor_servers${end})'`]
        : []),
      ...(takes === 'nothing' ? [`complete -c mcpvisor ${within} -f`] : []),
    ]
  })
  return `# fish completion of mcpvisor: mcpvisor completion fish > ~/.config/fish/completions/mcpvisor.fish
function __mcpvisor_servers
    set -l words (commandline -opc)
    set -l config
    for at in (seq 2 (count $words))
        contains -- $words[$at] -c --config; and test $at -lt (count $words); and set -a config -c $words[(math $at + 1)]
    end
    for name in (mcpvisor status --names $config 2>/dev/null)
        echo $name"$argv[1]"
    end
end
${lines.join('\n')}
complete -c mcpvisor -s c -l config -r -F
complete -c mcpvisor -l to -r -F
`
}

const inFish = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
const inFishOption = (option: string): string =>
  option.startsWith('--') ? `-l ${option.slice(2)}` : `-s ${option.slice(1)}`
