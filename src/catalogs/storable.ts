import { type CatalogDocument, type StoredPins, mostDocumentBytes } from './store.js'

/** A document as it may be stored, and the text that tells whether it is news. */
export interface Storable {
  readonly document: CatalogDocument
  /** Without times. */
  readonly text: string
  /** It was too long with its catalogues. */
  readonly isCut: boolean
}

type Mask = (text: string) => string

/**
 * A document with the secrets that `mask` knows taken out. Of one that is too long, what is trusted is kept; when not even
 * that is short enough, nothing is trusted. Undefined when there is nothing to keep.
 */
export function storable(document: CatalogDocument, mask: Mask): Storable | undefined {
  const whole = masked(document, mask)
  if (whole) return { ...whole, isCut: false }
  const { pins, ...others } = document
  const bare = { ...others, catalogs: [] }
  const cut = pins && (masked({ ...bare, pins }, mask) ?? masked({ ...bare, pins: [] }, mask))
  return cut && { ...cut, isCut: true }
}

function masked({ pins, ...others }: CatalogDocument, mask: Mask): Omit<Storable, 'isCut'> | undefined {
  const text = mask(JSON.stringify(others))
  const trusted = pins?.map((of) => maskedNames(of, mask))
  // As a store writes it, to the byte: what is stored must not be too long to be read.
  const all = trusted ? `${text.slice(0, -1)},"pins":${JSON.stringify(trusted)}}` : text
  if (Buffer.byteLength(all) > mostDocumentBytes) return undefined
  const document = { ...(JSON.parse(text) as CatalogDocument), ...(trusted && { pins: trusted }) }
  return { document, text: all.replaceAll(/"listedAt":[\d.]+/g, '') }
}

/** A digest is no text of anybody, and must stay what it is even where a short secret happens to be in it. */
function maskedNames({ identity, tools }: StoredPins, mask: Mask): StoredPins {
  return { identity, tools: tools.map(({ name, digest }) => ({ name: mask(name), digest })) }
}
