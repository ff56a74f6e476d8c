/**
 * The server that the conformance suite expects behind what it tests: every tool, resource and prompt that its scenarios
 * name, on the second line of the official SDK. It speaks over stdio, so that what the suite sees came through the gateway.
 */
import {
  McpServer,
  ResourceTemplate,
  acceptedContent,
  completable,
  createRequestStateCodec,
  inputRequired,
} from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'

const image = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=='
const sound = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA='

const text = (value) => ({ type: 'text', text: value })
const says = (value) => ({ content: [text(value)] })
const form = (message, properties, required = Object.keys(properties)) =>
  inputRequired.elicit({ message, requestedSchema: { type: 'object', properties, required } })
const question = (words, maxTokens) =>
  inputRequired.createMessage({ messages: [{ role: 'user', content: text(words) }], maxTokens })
const string = { type: 'string' }

const codec = createRequestStateCodec({ key: randomBytes(32) })

function createEverything() {
  const server = new McpServer(
    { name: 'everything', version: '1.0.0' },
    {
      capabilities: {
        logging: {},
        tools: { listChanged: true },
        prompts: { listChanged: true },
        resources: { subscribe: true, listChanged: true },
      },
      requestState: { verify: codec.verify },
    },
  )
  const tool = (name, answer, inputSchema = z.object({})) =>
    server.registerTool(name, { description: `${name} of the conformance suite`, inputSchema }, answer)

  tool('test_simple_text', () => says('This is a simple text response for testing.'))
  tool('test_image_content', () => ({ content: [{ type: 'image', data: image, mimeType: 'image/png' }] }))
  tool('test_audio_content', () => ({ content: [{ type: 'audio', data: sound, mimeType: 'audio/wav' }] }))
  tool('test_embedded_resource', () => ({
    content: [
      {
        type: 'resource',
        resource: {
          uri: 'test://embedded-resource',
          mimeType: 'text/plain',
          text: 'This is an embedded resource content.',
        },
      },
    ],
  }))
  tool('test_multiple_content_types', () => ({
    content: [
      text('Multiple content types test:'),
      { type: 'image', data: image, mimeType: 'image/png' },
      {
        type: 'resource',
        resource: {
          uri: 'test://mixed-content-resource',
          mimeType: 'application/json',
          text: '{"test":"data","value":123}',
        },
      },
    ],
  }))
  tool('test_error_handling', () => {
    throw new Error('This tool intentionally returns an error for testing')
  })
  tool('test_tool_with_logging', async (_, { mcpReq }) => {
    await mcpReq.log('info', 'Tool execution started')
    await sleep(50)
    await mcpReq.log('info', 'Tool processing data')
    await sleep(50)
    await mcpReq.log('info', 'Tool execution completed')
    return says('Tool with logging executed successfully')
  })
  tool('test_logging_tool', async (_, { mcpReq }) => {
    await mcpReq.log('info', 'A message for who asked for it')
    return says('logged')
  })
  tool('test_tool_with_progress', async (_, { mcpReq }) => {
    const progressToken = mcpReq._meta?.progressToken
    for (const progress of [0, 50, 100]) {
      const params = { progressToken, progress, total: 100 }
      if (progressToken !== undefined) await mcpReq.notify({ method: 'notifications/progress', params })
      await sleep(50)
    }
    return says('Tool with progress executed successfully')
  })

  tool(
    'test_sampling',
    ({ prompt }, { mcpReq }) => {
      const { answer } = mcpReq.inputResponses ?? {}
      if (answer) return says(`LLM response: ${answer.content.text}`)
      return inputRequired({ inputRequests: { answer: question(prompt, 100) } })
    },
    z.object({ prompt: z.string() }),
  )
  tool(
    'test_elicitation',
    ({ message }, { mcpReq }) => {
      const { answer } = mcpReq.inputResponses ?? {}
      if (answer) return says(`User response: action=${answer.action}, content=${JSON.stringify(answer.content)}`)
      return inputRequired({
        inputRequests: { answer: form(message, { username: string, email: string }) },
      })
    },
    z.object({ message: z.string() }),
  )
  const asksOnce = (name, request) =>
    tool(name, (_, { mcpReq }) => {
      const { answer } = mcpReq.inputResponses ?? {}
      if (!answer) return inputRequired({ inputRequests: { answer: request } })
      return says(`Elicitation completed: action=${answer.action}, content=${JSON.stringify(answer.content)}`)
    })
  asksOnce(
    'test_elicitation_sep1034_defaults',
    form(
      'Please review and update the form fields with defaults',
      {
        name: { type: 'string', default: 'John Doe' },
        age: { type: 'integer', default: 30 },
        score: { type: 'number', default: 95.5 },
        status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
        verified: { type: 'boolean', default: true },
      },
      [],
    ),
  )
  const titled = (ordinals, noun) => ordinals.map((word, at) => ({ const: `value${at + 1}`, title: `${word} ${noun}` }))
  asksOnce(
    'test_elicitation_sep1330_enums',
    form(
      'Please select options',
      {
        untitledSingle: { type: 'string', enum: ['option1', 'option2', 'option3'] },
        titledSingle: { type: 'string', oneOf: titled(['First', 'Second', 'Third'], 'Option') },
        legacyEnum: {
          type: 'string',
          enum: ['opt1', 'opt2', 'opt3'],
          enumNames: ['Option One', 'Option Two', 'Option Three'],
        },
        untitledMulti: { type: 'array', items: { type: 'string', enum: ['option1', 'option2', 'option3'] } },
        titledMulti: { type: 'array', items: { anyOf: titled(['First', 'Second', 'Third'], 'Choice') } },
      },
      [],
    ),
  )

  const name = form('What is your name?', { name: string })
  tool('test_input_required_result_elicitation', (_, { mcpReq }) => {
    const given = acceptedContent(mcpReq.inputResponses, 'user_name', z.object({ name: z.string() }))
    return given ? says(`Hello, ${given.name}!`) : inputRequired({ inputRequests: { user_name: name } })
  })
  tool('test_input_required_result_sampling', (_, { mcpReq }) => {
    const { capital_question: answer } = mcpReq.inputResponses ?? {}
    if (answer) return says(answer.content.text)
    return inputRequired({ inputRequests: { capital_question: question('What is the capital of France?', 100) } })
  })
  tool('test_input_required_result_list_roots', (_, { mcpReq }) => {
    const { client_roots: answer } = mcpReq.inputResponses ?? {}
    if (answer) return says(answer.roots.map(({ uri }) => uri).join(', '))
    return inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } })
  })
  const confirm = form('Please confirm', { ok: { type: 'boolean' } })
  for (const named of ['test_input_required_result_request_state', 'test_input_required_result_tampered_state'])
    tool(named, async (_, { mcpReq }) => {
      if (mcpReq.inputResponses?.confirm && mcpReq.requestState()?.asked === named) return says('state-ok')
      return inputRequired({ inputRequests: { confirm }, requestState: await codec.mint({ asked: named }) })
    })
  tool('test_input_required_result_multiple_inputs', async (_, { mcpReq }) => {
    const { user_name: who, greeting, client_roots: roots } = mcpReq.inputResponses ?? {}
    if (who && greeting && roots) return says(`${greeting.content.text}, ${who.content?.name}`)
    return inputRequired({
      inputRequests: {
        user_name: name,
        greeting: question('Generate a greeting', 50),
        client_roots: inputRequired.listRoots(),
      },
      requestState: await codec.mint({ round: 1 }),
    })
  })
  tool('test_input_required_result_multi_round', async (_, { mcpReq }) => {
    const { step1, step2 } = mcpReq.inputResponses ?? {}
    if (step2) return says(`${mcpReq.requestState()?.name} likes ${step2.content?.color}`)
    if (step1) {
      const step = form('Step 2: What is your favorite color?', { color: string })
      const requestState = await codec.mint({ name: step1.content?.name })
      return inputRequired({ inputRequests: { step2: step }, requestState })
    }
    const step = form('Step 1: What is your name?', { name: string })
    return inputRequired({ inputRequests: { step1: step }, requestState: await codec.mint({ round: 1 }) })
  })
  tool('test_input_required_result_capabilities', (_, { mcpReq }) => {
    const { sampling, elicitation } = mcpReq.envelope?.['io.modelcontextprotocol/clientCapabilities'] ?? {}
    if (Object.keys(mcpReq.inputResponses ?? {}).length > 0) return says('answered')
    return inputRequired({
      inputRequests: {
        ...(sampling && { thought: question('What do you think?', 50) }),
        ...(elicitation && { user_name: name }),
      },
    })
  })
  // The SDK refuses to ask a client that has not declared that it can be asked.
  tool('test_missing_capability', (_, { mcpReq }) => {
    if (mcpReq.inputResponses?.thought) return says('The client can sample')
    return inputRequired({ inputRequests: { thought: question('What do you think?', 50) } })
  })
  tool('test_streaming_elicitation', async (_, { mcpReq }) => {
    const progressToken = mcpReq._meta?.progressToken
    if (progressToken !== undefined)
      await mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress: 1, total: 2 } })
    if (mcpReq.inputResponses?.user_name) return says('answered')
    return inputRequired({ inputRequests: { user_name: name } })
  })

  const added = { prompts: 0, tools: 0 }
  tool('test_trigger_tool_change', () => {
    tool(`test_added_tool_${(added.tools += 1)}`, () => says('added'))
    return says('A tool was added')
  })
  tool('test_trigger_prompt_change', () => {
    prompt(`test_added_prompt_${(added.prompts += 1)}`, () => says('added'))
    return says('A prompt was added')
  })

  const resource = (id, uri, mimeType, contents) =>
    server.registerResource(id, uri, { mimeType, description: `${id} of the conformance suite` }, (at) => ({
      contents: [{ uri: String(at), mimeType, ...contents }],
    }))
  resource('static-text', 'test://static-text', 'text/plain', {
    text: 'This is the content of the static text resource.',
  })
  resource('static-binary', 'test://static-binary', 'image/png', { blob: image })
  resource('watched-resource', 'test://watched-resource', 'text/plain', { text: 'Watched resource content' })
  server.registerResource(
    'template',
    new ResourceTemplate('test://template/{id}/data', { list: undefined }),
    { mimeType: 'application/json', description: 'template of the conformance suite' },
    (uri, { id }) => ({
      contents: [
        {
          uri: String(uri),
          mimeType: 'application/json',
          text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${String(id)}` }),
        },
      ],
    }),
  )
  server.server.setRequestHandler('resources/subscribe', () => ({}))
  server.server.setRequestHandler('resources/unsubscribe', () => ({}))

  function prompt(named, messages, argsSchema) {
    server.registerPrompt(named, { description: `${named} of the conformance suite`, argsSchema }, messages)
  }
  const user = (...contents) => ({ messages: contents.map((content) => ({ role: 'user', content })) })
  prompt('test_simple_prompt', () => user(text('This is a simple prompt for testing.')))
  const places = (value) => ['paris', 'park', 'party'].filter((place) => place.startsWith(value))
  prompt(
    'test_prompt_with_arguments',
    ({ arg1, arg2 }) => user(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)),
    z.object({ arg1: completable(z.string(), places), arg2: z.string() }),
  )
  prompt(
    'test_prompt_with_embedded_resource',
    ({ resourceUri: uri }) =>
      user(
        {
          type: 'resource',
          resource: { uri, mimeType: 'text/plain', text: 'Embedded resource content for testing.' },
        },
        text('Please process the embedded resource above.'),
      ),
    z.object({ resourceUri: z.string() }),
  )
  prompt('test_prompt_with_image', () =>
    user({ type: 'image', data: image, mimeType: 'image/png' }, text('Please analyze the image above.')),
  )
  prompt('test_input_required_result_prompt', ({ mcpReq }) => {
    const { user_context: given } = mcpReq.inputResponses ?? {}
    if (given) return user(text(`In the context of ${given.content?.context}`))
    return inputRequired({
      inputRequests: { user_context: form('What context should the prompt use?', { context: string }) },
    })
  })
  return server
}

serveStdio(createEverything)
