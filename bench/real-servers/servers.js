/**
 * Servers that people run, at versions that start without network and credentials.
 *
 * Each brings a call and what the answer `says`. Where the call `lacks` something here, an error that the server gives is
 * its right answer too. `ways` says in which forms and eras it is used, when it is not only over stdio.
 */
import { join } from 'node:path'

/** `scratch` is a folder that is theirs, also as their home; `chromium` the path of a browser, when there is one. */
export function serversOf({ scratch, chromium }) {
  const note = join(scratch, 'note.txt')
  const page = 'data:text/html,<h1>hello</h1>'
  const browsing = chromium === undefined && { lacks: 'browser' }

  return [
    {
      package: '@modelcontextprotocol/server-everything@2026.8.31',
      ways: [{}, { form: 'streamableHttp', path: 'mcp' }, { form: 'sse', path: 'sse' }],
      call: ['echo', { message: 'hello' }],
      says: 'Echo: hello',
    },
    {
      package: '@modelcontextprotocol/server-filesystem@2026.8.31',
      args: [scratch],
      call: ['read_text_file', { path: note }],
      says: 'kept',
    },
    {
      package: '@modelcontextprotocol/server-memory@2026.8.31',
      env: { MEMORY_FILE_PATH: join(scratch, 'memory.jsonl') },
      call: ['create_entities', { entities: [{ name: 'bed', entityType: 'test', observations: ['works'] }] }],
      says: '"bed"',
    },
    {
      package: '@modelcontextprotocol/server-sequential-thinking@2026.8.31',
      call: ['sequentialthinking', { thought: 'done', thoughtNumber: 1, totalThoughts: 1, nextThoughtNeeded: false }],
      says: '"thoughtHistoryLength": 1',
    },
    {
      package: '@playwright/mcp@0.0.83',
      args: ['--headless', '--no-sandbox', '--isolated', ...(chromium ? ['--executable-path', chromium] : [])],
      call: ['browser_navigate', { url: page }],
      says: `Page URL: ${page}`,
      ...browsing,
    },
    {
      package: 'chrome-devtools-mcp@1.11.0',
      args: [
        ...['--no-usage-statistics', '--headless', '--isolated', '--chromeArg=--no-sandbox'],
        ...(chromium ? ['--executablePath', chromium] : []),
      ],
      call: ['new_page', { url: page }],
      says: `${page} [selected]`,
      ...browsing,
    },
    {
      package: '@executeautomation/playwright-mcp-server@1.0.12',
      env: chromium ? { CHROME_EXECUTABLE_PATH: chromium } : {},
      call: ['playwright_navigate', { url: page, headless: true }],
      says: `Navigated to ${page}`,
      ...browsing,
    },
    {
      package: '@upstash/context7-mcp@4.1.1',
      ways: [{}, { era: 'modern' }],
      call: ['resolve-library-id', { query: 'validation', libraryName: 'zod' }],
      lacks: 'network',
    },
    {
      package: 'mongodb-mcp-server@3.0.4',
      ways: [{}, { era: 'modern' }],
      call: ['list-connections', {}],
      says: 'no active connections',
    },
    {
      package: 'mcp-server-sqlite-npx@0.8.0',
      args: [join(scratch, 'bed.sqlite')],
      call: ['read_query', { query: 'SELECT 6 * 7 AS answer' }],
      says: '"answer": 42',
    },
    {
      package: '@cyanheads/git-mcp-server@2.15.3',
      call: ['git_init', { path: join(scratch, 'repository') }],
      says: '"success": true',
    },
    {
      package: '@wonderwhy-er/desktop-commander@0.2.52',
      args: ['--no-onboarding'],
      call: ['read_file', { path: note }],
      says: 'kept',
    },
    { package: 'mcp-server-kubernetes@4.1.7', call: ['ping', {}], says: '' },
    {
      package: 'mcp-echarts@0.7.1',
      call: ['generate_pie_chart', { data: [{ category: 'a', value: 1 }] }],
      says: '[image]',
    },
    {
      package: '@azure/mcp@2.0.5',
      args: ['server', 'start'],
      call: [
        'azureterraformbestpractices',
        { intent: 'best practices', command: 'azureterraformbestpractices_get', parameters: {} },
      ],
      says: '"status":200',
    },
    {
      package: '@notionhq/notion-mcp-server@2.5.2',
      env: { NOTION_TOKEN: 'ntn_none' },
      call: ['API-get-self', {}],
      lacks: 'key',
    },
    {
      package: 'figma-developer-mcp@0.13.2',
      args: ['--stdio', '--figma-api-key', 'none'],
      call: ['get_figma_data', { fileKey: 'none' }],
      lacks: 'key',
    },
    {
      package: '@antv/mcp-server-chart@0.9.10',
      call: ['generate_pie_chart', { data: [{ category: 'a', value: 1 }] }],
      lacks: 'network',
    },
    {
      package: 'tavily-mcp@0.2.22',
      env: { TAVILY_API_KEY: 'tvly-none' },
      call: ['tavily_search', { query: 'mcp' }],
      lacks: 'key',
    },
    {
      package: 'exa-mcp-server@3.4.1',
      env: { EXA_API_KEY: 'none' },
      call: ['web_search_exa', { query: 'mcp' }],
      lacks: 'key',
    },
    // Prints that it runs, and never answers `initialize`: it forwards it to a host that it cannot reach.
    { package: '@stripe/mcp@0.3.3', env: { STRIPE_SECRET_KEY: 'rk_test_none' }, hangsWithout: 'network' },
  ]
}
