import type { Command } from 'commander'

import type { AuthOptions } from '../commands/auth.js'
import type { LogoutOptions } from '../commands/logout.js'
import { configOption, jsonOption, outputOption, timeoutOption, tokenStoreOption, trustOption } from '../options.js'
import type { Shell } from './shell.js'

/** `auth` and `logout`: what lets a person in at a server, and out again. */
export function declareAuthorization(program: Command, { finish, terminal }: Shell): void {
  program
    .command('auth')
    .description('log in at a server that asks for authorization, and keep the tokens')
    .argument('<server>')
    .addOption(configOption())
    .addOption(trustOption())
    .addOption(tokenStoreOption())
    .option('--no-browser', 'print the address and open nothing')
    .addOption(timeoutOption('for you to log in').default(300_000, '5m'))
    .addOption(outputOption())
    .addOption(jsonOption())
    .action(async (server: string, options: AuthOptions) => {
      const { auth } = await import('../commands/auth.js')
      finish(await auth(server, options, terminal()))
    })

  program
    .command('logout')
    .description('forget the tokens of a server')
    .argument('<server>')
    .addOption(configOption())
    .addOption(trustOption())
    .addOption(tokenStoreOption())
    .addOption(outputOption())
    .addOption(jsonOption())
    .action(async (server: string, options: LogoutOptions) => {
      const { logout } = await import('../commands/logout.js')
      finish(await logout(server, options, terminal()))
    })
}
