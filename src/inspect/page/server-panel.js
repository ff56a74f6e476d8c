import { byId, element, write } from './element.js'
import { glyphOf, spanOf, timeOf, toneOf } from './words.js'

/** Everything about the chosen server that is words. */
export function showServer({ explanation }, now) {
  const { name, status, summary, remedy } = explanation
  write(byId('name'), name)
  showState(status.state)
  write(byId('summary'), summary)
  byId('remedy').replaceChildren(...withCode(remedy))
  byId('facts').replaceChildren(...factsOf(explanation).map(fact))
  showCalls(explanation, now)
  fill(byId('failed-calls'), explanation.failedCalls.toReversed(), failedCall, 'None.')
  fill(byId('timeline'), explanation.timeline.toReversed(), transition, 'Nothing happened yet.')
  showStderr(explanation)
}

/** The supervisor is closed: what stands here is the last that was seen. */
export function showEnd(name) {
  showState('closed')
  write(
    byId('summary'),
    `Server "${name}" is closed with its supervisor. What follows is the last that was seen of it.`,
  )
  for (const id of ['remedy', 'facts']) byId(id).replaceChildren()
  fill(byId('open-calls'), [], openCall, 'None is open.')
}

function showState(state) {
  write(byId('state'), `${glyphOf(state)} ${state}`)
  byId('state').dataset.tone = toneOf(state)
}

/** What stands between backticks is what somebody would type. */
function withCode(text) {
  return text.split('`').map((part, n) => (n % 2 === 1 ? element('code', {}, part) : part))
}

/** Open calls grow older without anybody telling. */
export function showCalls({ calls, status }, now) {
  const more = status.inFlight + status.queued - calls.length
  fill(byId('open-calls'), calls, (call) => openCall(call, now), 'None is open.')
  if (more > 0) byId('open-calls').append(element('li', { class: 'nothing' }, `and ${more} more`))
}

function factsOf({ status, maxAttempts, cause }) {
  return [
    ['pid', status.pid],
    ['tools', status.tools],
    ['protocol', status.protocolVersion],
    ['transport', status.transport],
    ['connection', status.generation > 0 && `${status.generation}${ordinal(status.generation)}`],
    ['attempt', status.attempt > 0 && `${status.attempt} of ${maxAttempts}`],
    ['restarts', status.restarts > 0 && status.restarts],
    ['exit code', cause?.exitCode],
    ['signal', cause?.signal],
    ['next attempt', status.nextRetryAt && timeOf(status.nextRetryAt)],
    ['since', timeOf(status.since)],
  ].filter(([, value]) => value !== undefined && value !== null && value !== false)
}

const fact = ([term, value]) => element('div', {}, element('dt', {}, term), element('dd', {}, String(value)))

const ordinal = (n) => (n % 100 > 10 && n % 100 < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th'))

function openCall({ method, tool, since, isInFlight }, now) {
  return item(tool ?? method, `${isInFlight ? 'in flight' : 'waits'}, ${spanOf(now - since)}`)
}

function failedCall({ method, tool, at, failure, durationMs }) {
  const what = element(
    'span',
    { class: 'what' },
    `${tool ?? method} `,
    element('b', { 'data-tone': 'bad' }, failure.code),
  )
  return item(what, timeOf(at), `${failure.message}; delivered: ${failure.delivered}, after ${spanOf(durationMs)}`)
}

function transition({ at, to, because, error, attempt, pid }) {
  const glyph = element('span', { class: 'glyph', 'data-tone': toneOf(to), 'aria-hidden': 'true' }, glyphOf(to))
  const why = error && failing.has(to) ? `${because}: ${error.message}` : because
  const about = [why, pid && `pid ${pid}`, attempt > 0 && `attempt ${attempt}`].filter(Boolean).join(', ')
  return item(element('span', { class: 'what' }, glyph, ` ${to}`), timeOf(at), about)
}

/** States that a failure leads to; in the others it is only remembered. */
const failing = new Set(['failed', 'retrying', 'timedOut'])

function item(what, when, why) {
  return element(
    'li',
    {},
    typeof what === 'string' ? element('span', { class: 'what' }, what) : what,
    element('span', { class: 'when' }, when),
    why && element('span', { class: 'why' }, why),
  )
}

function fill(list, entries, show, nothing) {
  const rows = entries.map(show)
  list.replaceChildren(...(rows.length > 0 ? rows : [element('li', { class: 'nothing' }, nothing)]))
}

function showStderr({ stderr }) {
  const place = byId('stderr')
  const isAtEnd = place.scrollTop + place.clientHeight >= place.scrollHeight - 20
  write(
    place,
    stderr.length > 0 ? stderr.map(({ at, line }) => `${timeOf(at)}  ${line}`).join('\n') : 'Nothing was written.',
  )
  place.classList.toggle('none', stderr.length === 0)
  if (isAtEnd) place.scrollTop = place.scrollHeight
}
