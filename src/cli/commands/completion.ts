import { type ExitCode, exitCodes } from '../exit-codes.js'
import type { Terminal } from '../terminal.js'

/** A verb with the words that may follow it. */
export interface CompletableVerb {
  readonly name: string
  readonly description: string
  /** Long and short, as they are typed. */
  readonly options: readonly string[]
  /** What its arguments are. */
  readonly takes: 'servers' | 'files' | 'verbs' | 'nothing'
  /** For `verbs`. */
  readonly verbs: readonly string[]
}

export type Shell = 'bash' | 'zsh' | 'fish'

/** `mcpvisor completion <shell>`: prints a script that completes verbs, options and, of a running instance, servers. */
export function completion(shell: Shell, verbs: readonly CompletableVerb[], { out }: Terminal): ExitCode {
  const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript }
  out.line(scripts[shell](verbs).trimEnd())
  return exitCodes.ok
}

/** Asks a running instance, and nobody else: nothing is started to complete a word. */
const servers = 'mcpvisor status --output text 2>/dev/null | tail -n +2 | cut -d" " -f1'

const wordsOf = ({ options, verbs }: CompletableVerb): string => [...verbs, ...options].join(' ')

function bashScript(verbs: readonly CompletableVerb[]): string {
  const cases = verbs.map((verb) => {
    const dynamic = verb.takes === 'servers' ? ` $(${servers})` : ''
    const files = verb.takes === 'files' ? '\n      COMPREPLY+=($(compgen -f -- "$word"))' : ''
    return `    ${verb.name})\n      COMPREPLY=($(compgen -W "${wordsOf(verb)}${dynamic}" -- "$word"))${files}\n      ;;`
  })
  return `# bash completion of mcpvisor: eval "$(mcpvisor completion bash)"
_mcpvisor() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]}
  COMPREPLY=()
  case $before in
    -c|--config) COMPREPLY=($(compgen -f -- "$word")); return ;;
  esac
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W "${verbs.map(({ name }) => name).join(' ')} --help --version --no-color" -- "$word"))
    return
  fi
  case \${COMP_WORDS[1]} in
${cases.join('\n')}
  esac
}
complete -o filenames -F _mcpvisor mcpvisor
`
}

function zshScript(verbs: readonly CompletableVerb[]): string {
  const names = verbs.map(({ name, description }) => `    ${inZsh(`${name}:${description}`)}`)
  const cases = verbs.map((verb) => {
    const dynamic = verb.takes === 'servers' ? `; compadd -- \${(f)"$(${servers})"}` : ''
    const files = verb.takes === 'files' ? '; _files' : ''
    return `    ${verb.name}) compadd -- ${wordsOf(verb)}${dynamic}${files} ;;`
  })
  return `#compdef mcpvisor
# zsh completion of mcpvisor: put it into a folder of $fpath as _mcpvisor
_mcpvisor() {
  local -a verbs=(
${names.join('\n')}
  )
  if [[ \${words[CURRENT-1]} == (-c|--config) ]]; then _files; return; fi
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
    return [
      `complete -c mcpvisor -n __fish_use_subcommand -f -a ${name} -d ${inFish(description)}`,
      ...options.map((option) => `complete -c mcpvisor ${within} ${inFishOption(option)}`),
      ...(below.length > 0 ? [`complete -c mcpvisor ${within} -f -a '${below.join(' ')}'`] : []),
      ...(takes === 'servers' ? [`complete -c mcpvisor ${within} -f -a "(${servers.replaceAll('"', '\\"')})"`] : []),
      ...(takes === 'nothing' ? [`complete -c mcpvisor ${within} -f`] : []),
    ]
  })
  return `# fish completion of mcpvisor: mcpvisor completion fish > ~/.config/fish/completions/mcpvisor.fish
${lines.join('\n')}
complete -c mcpvisor -s c -l config -r
`
}

const inFish = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
const inFishOption = (option: string): string =>
  option.startsWith('--') ? `-l ${option.slice(2)}` : `-s ${option.slice(1)}`
