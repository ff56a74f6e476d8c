/** The objects and lists of an entry that hold secrets, up to where they end or the text does. */
const secretParts =
  /("(?:env|environment|envs|headers|http_headers|oauth|oauthClient|auth|bearerToken|apiKey)"\s*:\s*)("(?:[^"\\\n]|\\.)*"?|[{[](?:"(?:[^"\\\n]|\\.)*"?|[^"}\]])*)/g
const member = /(:\s*)("(?:[^"\\\n]|\\.)*"?|-?\d[\w.+-]*)/g
const assignment = /("[^"=\n]*=)((?:[^"\\\n]|\\.)*)/g
const credentials = /(?<=:\/\/)[^/@\s"]+(?=@)|(?<=[?&][^=&"\s#]*=)[^&"\s#]+/g
/** A placeholder up to its default, or any character. */
const shownOrNot = /\$\{(?:(?!:-)[^}"])*\}?|[^"]/g

/** A configuration text in which stars stand for what may be secret, at the same places: fit to be quoted. */
export function maskedSource(text: string): string {
  return text
    .replace(secretParts, (_, key: string, part: string) => {
      if (part.startsWith('"')) return key + stars(part)
      const ofMembers = (_member: string, colon: string, value: string) => colon + stars(value)
      const ofList = (_item: string, name: string, value: string) => name + stars(value)
      return key + (part.startsWith('{') ? part.replace(member, ofMembers) : part.replace(assignment, ofList))
    })
    .replace(credentials, stars)
}

function stars(text: string): string {
  return text.replace(shownOrNot, (match) => (match.startsWith('${') ? match : '*'))
}
