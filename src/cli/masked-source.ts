const text = String.raw`"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?`
const keys = 'env|environment|envs|headers|http_headers|oauth|oauthClient|auth|bearerToken|apiKey|token'
/** The parts of an entry that hold secrets, up to where they end or the source does. Also in JSON of the looser kinds. */
const secretPart = new RegExp(
  String.raw`((?<![\w-])["']?(?:${keys})["']?\s*:\s*)(${text}|[{[](?:${text}|[^"'}\]])*)`,
  'g',
)
const memberValue = new RegExp(String.raw`(?<=:\s*)(?:${text}|-?\d[\w.+-]*)`, 'g')
const assignedValue = /(?<=["'][^"'=\n]*=)(?:[^"'\\\n]|\\.)*/g
const inAddress = /(?<=:\/\/)[^/@\s"']+(?=@)|(?<=[?&][^=&"'\s#]*=)[^&"'\s#]+/g
/** A placeholder up to its default, or any character. */
const shownOrStarred = /\$\{(?:(?!:-)[^}"'])*\}?|\\.|[^"']/g

/** A configuration text in which stars stand for what may be secret, at the same places: fit to be quoted. */
export function maskedSource(source: string): string {
  return source
    .replace(secretPart, (_, key: string, part: string) => {
      if (part.startsWith('{')) return key + part.replace(memberValue, stars)
      return key + (part.startsWith('[') ? part.replace(assignedValue, stars) : stars(part))
    })
    .replace(inAddress, stars)
}

function stars(value: string): string {
  return value.replace(shownOrStarred, (match) => (match.startsWith('${') ? match : '*'.repeat(match.length)))
}
