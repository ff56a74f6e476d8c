import { byId, element, write } from './element.js'
import { counted, glyphOf, toneOf } from './words.js'

/** The supervisor, and its servers as a list of buttons; `choose` is told the name of the one that is pressed. */
export function createTree(choose) {
  const list = byId('tree')
  const items = new Map()

  list.addEventListener('keydown', (event) => {
    const buttons = [...list.querySelectorAll('button')]
    const at = buttons.indexOf(document.activeElement)
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key]
    if (to === undefined || !buttons[to]) return
    event.preventDefault()
    buttons[to].focus()
  })

  function itemOf(name) {
    const known = items.get(name)
    if (known) return known
    const parts = {
      glyph: element('span', { class: 'glyph', 'aria-hidden': 'true' }),
      name: element('span', { class: 'name' }, name),
      state: element('span', { class: 'state' }),
      below: element('span', { class: 'below' }),
    }
    const button = element('button', { type: 'button', title: name }, ...Object.values(parts))
    button.addEventListener('click', () => choose(name))
    const item = { ...parts, button, row: element('li', {}, button) }
    items.set(name, item)
    return item
  }

  function show(status, actors, chosen) {
    const item = itemOf(status.name)
    item.button.dataset.tone = toneOf(status.state)
    item.button.setAttribute('aria-current', String(status.name === chosen))
    write(item.glyph, glyphOf(status.state))
    write(item.state, status.state)
    write(item.below, belowOf(status, actors))
    return item.row
  }

  return ({ servers, actors }, chosen) => {
    showRoot(actors)
    const rows = servers.map((status) => show(status, actors, chosen))
    // Rows move only when they must: a moved button loses the focus.
    if (rows.length !== list.children.length || rows.some((row, n) => list.children[n] !== row)) {
      list.replaceChildren(...rows)
      for (const name of items.keys()) if (!servers.some((status) => status.name === name)) items.delete(name)
    }
  }
}

/** Nothing lives any more once the supervisor is closed. */
function showRoot(actors) {
  const root = actors.find(({ parentId }) => parentId === undefined)
  const state = root?.state ?? 'closed'
  byId('root').dataset.tone = toneOf(state)
  const glyph = element('span', { class: 'glyph', 'aria-hidden': 'true' }, glyphOf(state))
  const parts = [element('span', { class: 'name' }, 'supervisor'), element('span', { class: 'state' }, state)]
  byId('root').replaceChildren(glyph, ...parts)
}

/** The actors below a server, and what is going on. */
function belowOf({ name, pid, inFlight, queued, restarts }, actors) {
  const self = actors.find((actor) => actor.name === `server:${name}`)
  const leases = actors.filter((actor) => actor.server === name && actor.id !== self?.id)
  const children = actors.filter((actor) => self && actor.parentId === self.id).map((actor) => actor.name)
  return [
    ...children.map((child) => (child === 'connection' && pid ? `connection, pid ${pid}` : child)),
    leases.length > 0 &&
      `${counted(leases.length, 'lease')}: ${[...new Set(leases.map(({ state }) => state))].join(', ')}`,
    inFlight > 0 && counted(inFlight, 'call'),
    queued > 0 && `${queued} waiting`,
    restarts > 0 && counted(restarts, 'restart'),
  ]
    .filter(Boolean)
    .join(' · ')
}
