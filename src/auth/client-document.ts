/**
 * Why a text cannot be the address of a client id metadata document; undefined when it can. Such an address is the name of
 * the client, compared letter by letter and asked for by the authorization server, never by us (OAuth Client ID Metadata
 * Document, 3).
 */
export function documentUrlProblem(text: string): string | undefined {
  if (!/^https:\/\//i.test(text) || !URL.canParse(text) || /[\s\\]/.test(text)) return 'must be an https URL'
  const { username, password, pathname } = new URL(text)
  if (username || password) return 'must hold no credentials'
  if (text.includes('#')) return 'must have no fragment'
  if (pathname === '/') return 'must have a path'
  const [written = ''] = text.slice('https://'.length).split('?')
  const isDotted = written.split('/').some((segment) => /^(\.|%2e){1,2}$/i.test(segment))
  return isDotted ? 'must have no "." or ".." in its path' : undefined
}
