import { Command } from 'commander'

import { version } from '../version.js'
import type { ExitCode } from './exit-codes.js'
import { type Terminal, createTerminal } from './terminal.js'
import { declareAuthorization } from './verbs/authorization.js'
import { declareConfiguration } from './verbs/configuration.js'
import { declareImport } from './verbs/import.js'
import { declareInstance } from './verbs/instance.js'
import { declareMachine } from './verbs/machine.js'
import { declareServe } from './verbs/serve.js'
import { declareTools } from './verbs/tools.js'

/**
 * The commands and their options. `finish` is told the exit code of the one that ran. What a verb does is imported when it
 * is used, so that none pays for the others.
 */
export function createProgram(finish: (code: ExitCode) => void): Command {
  const program = new Command('mcpvisor')
    .description('Supervises MCP servers: checks their configuration, starts them, keeps them running.')
    .version(version)
    .option('--no-color', 'write no colours')
    // Settings that the commands made below take over. Whoever runs the program reports its errors, once.
    .exitOverride()
    .configureOutput({ outputError: () => {} })
  const terminal = (): Terminal => createTerminal({ isColorless: program.opts()['color'] === false })

  declareConfiguration(program, { finish, terminal })
  declareImport(program, { finish, terminal })
  declareInstance(program, { finish, terminal })
  declareAuthorization(program, { finish, terminal })
  declareServe(program, { finish, terminal })
  declareTools(program, { finish, terminal })
  declareMachine(program, { finish, terminal })
  return program
}
