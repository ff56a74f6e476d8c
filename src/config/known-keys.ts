/** Keys of other clients that change nothing in what a supervisor does. */
export const inertKeys = new Set([
  ...['autoApprove', 'alwaysAllow', 'trust', 'alwaysLoad', 'default_tools_approval_mode'],
  ...['title', 'name', 'version', 'metadata', 'tags', 'icon', 'icons', 'iconPath', 'faviconUrl'],
  ...['$schema', 'inputs', 'source', 'bundled', 'required', 'remoteConfigured', 'supports_parallel_tool_calls'],
])

/** Keys of other clients that would have an effect there and have none here. */
export const ignoredKeys = new Set([
  ...['dev', 'watchPaths', 'debug', 'logging', 'roots', 'modernLogLevel', 'stderr', 'options'],
  ...['authentication', 'authProviderType', 'targetAudience', 'targetServiceAccount', 'apiKey', 'oauth_resource'],
  ...['toolDescriptionOverrides', 'instructionOverride', 'serverInstructions', 'approveTools'],
  ...[
    'envFilter',
    'inheritParentEnv',
    'env_vars',
    'env_http_headers',
    'requestInit',
    'requestOptions',
    'proxy',
    'tools',
  ],
  ...['sse_read_timeout', 'sseReadTimeout', 'taskTtl', 'httpFetch', 'template'],
])

/** Values with which an ignored key asks for what happens anyway. */
export const harmlessValues: Readonly<Record<string, readonly unknown[]>> = {
  stderr: ['pipe'],
  inheritParentEnv: [false],
}

/** Keys that take rights away from a server. We cannot enforce them, so a server that has one does not run at all. */
export const restrictionKeys = new Set([
  ...['sandboxEnabled', 'sandbox', 'isolation', 'quarantined', 'permissions', 'include_tags', 'exclude_tags'],
])

/** Keys that are a comment or an extension by convention. */
export function isComment(key: string): boolean {
  return key.startsWith('_') || key.startsWith('//') || key.startsWith('x-')
}
