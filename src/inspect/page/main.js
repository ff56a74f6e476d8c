import { createChart } from './chart.js'
import { byId, element, write } from './element.js'
import { showCalls, showEnd, showServer } from './server-panel.js'
import { createStory } from './story.js'
import { createTree } from './tree.js'
import { glyphOf, toneOf } from './words.js'

const showChart = await createChart()
const showStory = createStory()
const showTree = createTree(choose)

let servers = new Map()
let actors = []
let chosen = nameInAddress()
/** What is shown, and by how much the clock of the supervisor differs from ours. */
let shown
let skewMs = 0
let isLoading = false
let isStale = false

const events = new EventSource('events')
events.addEventListener('overview', ({ data }) => {
  const overview = JSON.parse(data)
  servers = new Map(overview.servers.map((status) => [status.name, status]))
  actors = overview.actors
  setLink('live', 'ready')
  showAll()
  void load()
})
events.addEventListener('change', ({ data }) => {
  const change = JSON.parse(data)
  const changed = new Map(change.servers.map((status) => [status.name, status]))
  servers = new Map(change.names.map((name) => [name, changed.get(name) ?? servers.get(name)]))
  actors = change.actors
  showAll()
  if (changed.has(chosen)) void load()
})
events.addEventListener('closed', () => {
  events.close()
  setLink('the supervisor is closed', 'rest')
  servers = new Map(
    [...servers.values()].map(({ name }) => [name, { name, state: 'closed', inFlight: 0, queued: 0, restarts: 0 }]),
  )
  actors = []
  shown = undefined
  showAll()
  showEnd(chosen)
  byId('reload').disabled = byId('restart').disabled = true
})
events.addEventListener('error', () => {
  if (events.readyState !== EventSource.CLOSED) setLink('connecting again', 'warn')
})

// The address goes on naming the chosen server.
byId('skip').addEventListener('click', (event) => {
  event.preventDefault()
  byId('server').focus()
})
byId('reload').addEventListener('click', ({ currentTarget }) => void command('reload', currentTarget))
byId('restart').addEventListener(
  'click',
  ({ currentTarget }) => void command(`servers/${encodeURIComponent(chosen)}/restart`, currentTarget),
)
setInterval(() => shown?.calls.length > 0 && showCalls(shown, Date.now() - skewMs), 500)

function choose(name) {
  // Nobody is left to be asked.
  if (events.readyState === EventSource.CLOSED) return
  chosen = name
  history.replaceState(null, '', `#${encodeURIComponent(name)}`)
  showAll()
  void load()
}

/** An address that was mistyped names nobody. */
function nameInAddress() {
  try {
    return decodeURIComponent(location.hash.slice(1))
  } catch {
    return ''
  }
}

function showAll() {
  if (!servers.has(chosen)) chosen = servers.keys().next().value ?? ''
  byId('server').hidden = byId('restart').hidden = servers.size === 0
  byId('empty').hidden = servers.size > 0
  showTree({ servers: [...servers.values()], actors }, chosen)
  showTally()
}

function showTally() {
  const counts = new Map()
  for (const { state } of servers.values()) counts.set(state, (counts.get(state) ?? 0) + 1)
  const parts = [...counts].map(([state, count]) => {
    const glyph = element('span', { class: 'glyph', 'data-tone': toneOf(state), 'aria-hidden': 'true' }, glyphOf(state))
    return element('span', {}, glyph, `${count} ${state}`)
  })
  byId('tally').replaceChildren(...parts)
}

/** Asks for the chosen server; once more when something changed meanwhile. */
async function load() {
  isStale = isLoading
  if (isLoading || !servers.has(chosen)) return
  isLoading = true
  try {
    const response = await fetch(`servers/${encodeURIComponent(chosen)}`)
    const view = await response.json()
    shown = view.explanation
    skewMs = Date.now() - shown.at
    showServer(view, shown.at)
    showChart(view.visited, shown.status.state)
    showStory(view.story)
  } catch {
    // The stream of events tells that the connection is gone, and asks again when it is back.
  } finally {
    isLoading = false
  }
  if (isStale || (shown && shown.name !== chosen)) await load()
}

async function command(path, button) {
  button.disabled = true
  try {
    const response = await fetch(path, { method: 'POST' })
    const { message } = await response.json()
    notify(message)
  } catch {
    notify('The supervisor did not answer.')
  } finally {
    button.disabled = false
  }
}

let noticeTimer
function notify(message) {
  write(byId('notice'), message)
  clearTimeout(noticeTimer)
  noticeTimer = setTimeout(() => write(byId('notice'), ''), 6_000)
}

function setLink(text, tone) {
  write(byId('link'), text)
  byId('link').dataset.tone = tone
}
