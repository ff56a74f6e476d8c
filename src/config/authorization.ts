import type { Field, Fields } from './aliases.js'
import { checkKey } from './check-key.js'
import type { HttpEndpoint, OAuthSettings } from './entry.js'
import { oauthKeys } from './entry-keys.js'
import { type Tell, didYouMean } from './findings.js'
import { nearest } from './nearest.js'
import { type PlainObject, isObject, objectOf } from './plain-data.js'
import { checkText } from './texts.js'

export interface Authorization {
  readonly headers: HttpEndpoint['headers']
  readonly oauth?: OAuthSettings | false
}

/** Spellings of other clients, Cursor's `auth` object among them. */
const settingAliases: Readonly<Record<string, string>> = {
  CLIENT_ID: 'clientId',
  CLIENT_SECRET: 'clientSecret',
  client_id: 'clientId',
  client_secret: 'clientSecret',
  client_metadata_url: 'clientMetadataUrl',
  private_key: 'privateKey',
  grant_type: 'grantType',
  scope: 'scopes',
  redirect_uri: 'redirectUri',
  redirect_url: 'redirectUri',
  authorization_url: 'authorizationUrl',
  token_url: 'tokenUrl',
}

/** Reads how to be let in: `oauth`, and `auth` as the short form of it or of a bearer token. */
export function readAuthorization(fields: Fields, headers: HttpEndpoint['headers'], tell: Tell): Authorization {
  const [oauthField, authField] = [fields.get('oauth'), fields.get('auth')]
  const fromAuth = authField && readShortForm(authField, headers, tell)
  const oauth = oauthField ? readOAuth(oauthField, 'oauth', tell) : fromAuth?.oauth
  const sent = { ...headers, ...fromAuth?.headers }
  if (oauth && Object.keys(sent).some((name) => name.toLowerCase() === 'authorization')) {
    tell('auth-conflict', oauthField?.at ?? [], '"oauth" is not used, since "headers" hold an Authorization')
  }
  return { headers: sent, ...(oauth !== undefined && { oauth }) }
}

function readShortForm(field: Field, headers: HttpEndpoint['headers'], tell: Tell): Partial<Authorization> {
  if (!checkKey('auth', field, tell)) return {}
  if (field.value === 'oauth') return { oauth: {} }
  if (typeof field.value !== 'string') {
    const oauth = readOAuth(field, 'auth', tell)
    return oauth === undefined ? {} : { oauth }
  }
  checkText(field.value, field.at, 'auth', tell)
  if (!Object.keys(headers).some((name) => name.toLowerCase() === 'authorization')) {
    return { headers: { Authorization: `Bearer ${field.value}` } }
  }
  tell('auth-conflict', field.at, '"auth" is not used, since "headers" hold an Authorization')
  return {}
}

function readOAuth(field: Field, label: string, tell: Tell): OAuthSettings | false | undefined {
  const { value, at } = field
  const settings = isObject(value) ? unaliased(value) : value
  if (!checkKey('oauth', { value: settings, at }, tell)) return undefined
  if (!isObject(settings) || settings['enabled'] === false) return false
  for (const key of Object.keys(settings)) {
    if (oauthKeys.has(key)) continue
    tell('unknown-key', [...at, key], `"${label}.${key}" is not known`, { hint: didYouMean(nearest(key, oauthKeys)) })
  }
  const known = Object.entries(settings).flatMap(([key, setting]) => readSetting(key, setting))
  for (const [key, setting] of known) {
    for (const text of [setting].flat()) {
      if (typeof text === 'string') checkText(text, [...at, key], `${label}.${key}`, tell)
    }
  }
  return objectOf(known)
}

function unaliased(settings: PlainObject): PlainObject {
  return objectOf(Object.entries(settings).map(([key, value]) => [aliasOf(key), value] as const))
}

function aliasOf(key: string): string {
  return Object.hasOwn(settingAliases, key) ? (settingAliases[key] ?? key) : key
}

function readSetting(key: string, value: unknown): [string, OAuthSettings[string]][] {
  if (!oauthKeys.has(key) || key === 'enabled') return []
  if (key === 'scopes' && typeof value === 'string') return [[key, value.split(/\s+/).filter((scope) => scope !== '')]]
  if (Array.isArray(value)) return [[key, value.map(String)]]
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? [[key, value]] : []
}
