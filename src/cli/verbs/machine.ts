import { Argument, type Command } from 'commander'

import type { CompletableVerb, Shell as ShellName } from '../commands/completion.js'
import type { DoctorOptions } from '../commands/doctor.js'
import { jsonOption, outputOption } from '../options.js'
import type { Shell } from './shell.js'

/** `doctor` and `completion`: what concerns the machine and no configuration. */
export function declareMachine(program: Command, { finish, terminal }: Shell): void {
  program
    .command('doctor')
    .description('what is wrong with this machine, and what to do')
    .addOption(outputOption())
    .addOption(jsonOption())
    .action(async (options: DoctorOptions) => {
      const { doctor } = await import('../commands/doctor.js')
      finish(await doctor(options, terminal()))
    })

  program
    .command('completion')
    .description('print a script that completes commands in a shell')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
    .action(async (shell: ShellName) => {
      const { completion } = await import('../commands/completion.js')
      finish(completion(shell, program.commands.map(completable), terminal()))
    })
}

/** What an argument is, by its name. */
const takenBy: Readonly<Record<string, CompletableVerb['takes']>> = {
  server: 'servers',
  'server.tool': 'tools',
  file: 'files',
  '': 'nothing',
}

function completable(command: Command): CompletableVerb {
  const [argument] = command.registeredArguments.map((registered) => registered.name())
  return {
    name: command.name(),
    description: command.description(),
    options: command.options.flatMap(({ short, long }) => [short, long].filter((option) => typeof option === 'string')),
    takes: takenBy[argument ?? ''] ?? 'verbs',
    verbs: [...command.commands.map((below) => below.name()), ...(command.registeredArguments[0]?.argChoices ?? [])],
  }
}
