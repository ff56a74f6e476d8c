import fc from 'fast-check'

const value = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom('${A}', '${cmd: x}', '${', '$${', '', '\0', '\n', ' x ', -0, Number.MAX_VALUE),
)
const key = fc.constantFrom(
  ...[
    'type',
    'command',
    'args',
    'env',
    'envFile',
    'cwd',
    'url',
    'headers',
    'oauth',
    'auth',
    'disabled',
    'enabled',
    'tools',
  ],
  ...[
    'includeTools',
    'excludeTools',
    'supervisor',
    'transport',
    'timeout',
    'restart',
    'lifecycle',
    'keep_alive',
    'sandbox',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'description',
    'headersHelper',
    'cmd',
    'httpUrl',
    'environment',
    '_',
    'x-y',
  ],
)
const plausible = fc.record(
  {
    command: fc.constantFrom('x', ['x', 'y'], 'a b'),
    url: fc.constantFrom('https://x.example', '${A}/mcp', 'http://h/sse'),
  },
  { requiredKeys: [] },
)
const entry = fc
  .tuple(plausible, fc.array(fc.tuple(key, value), { maxLength: 6 }))
  .map(([start, members]) => Object.fromEntries([...Object.entries(start), ...members]))
const name = fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom('__proto__', 'constructor', '', 'a b', 'a_b'))

/** Maps of servers, right and wrong, with every odd value at every key. */
export const anyServers: fc.Arbitrary<Record<string, unknown>> = fc
  .array(fc.tuple(name, entry), { maxLength: 4 })
  .map(Object.fromEntries)
