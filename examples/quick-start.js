import { createSupervisor } from 'mcpvisor'

const supervisor = createSupervisor({
  mcpServers: {
    everything: { command: 'npx', args: ['-y', '@modelcontextprotocol/server-everything'] },
    broken: { command: 'no-such-command' },
  },
})
const { content } = await supervisor.callTool('everything', 'echo', { message: 'hello' }) // starts it on first use
console.log(content[0]?.text)
await supervisor.callTool('broken', 'anything').catch(({ code, message }) => console.log(code, message))
for (const { name, state } of supervisor.statuses()) console.log(`${name} is ${state}`)
console.log(await supervisor.close())
