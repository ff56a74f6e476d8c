import type { ContentBlock } from '../../index.js'

/** Addresses that a client opens by itself, not through us. */
const webAddress = /^https?:/i

type ExposeUri = (uri: string) => string

/** The content of an answer, in which addresses of resources are those that clients can read here. */
export function withExposedLinks<R extends { readonly content?: unknown }>(result: R, expose: ExposeUri): R {
  const { content } = result
  return Array.isArray(content)
    ? { ...result, content: content.map((block) => exposeLink(block as ContentBlock, expose)) }
    : result
}

export function exposeLink(block: ContentBlock, expose: ExposeUri): ContentBlock {
  const { type, uri, resource } = block
  if (type === 'resource_link' && typeof uri === 'string') {
    return webAddress.test(uri) ? block : { ...block, uri: expose(uri) }
  }
  if (type !== 'resource' || typeof resource !== 'object' || resource === null) return block
  const { uri: embedded } = resource as { readonly uri?: unknown }
  return typeof embedded === 'string' ? { ...block, resource: { ...resource, uri: expose(embedded) } } : block
}
