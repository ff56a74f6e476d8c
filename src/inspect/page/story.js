import { byId, element, shape } from './element.js'
import { toneOf } from './words.js'

const narrowest = 88
const row = 30
const top = 8

/** What the actors told each other, as a sequence diagram; it follows its end unless somebody reads further up. */
export function createStory() {
  const place = byId('story')
  return (steps) => {
    const isAtEnd = place.scrollTop + place.clientHeight >= place.scrollHeight - row
    const columns = columnsOf(steps)
    const column = Math.max(narrowest, Math.floor((place.clientWidth - 4) / Math.max(1, columns.length)))
    const [width, height] = [columns.length * column, top + steps.length * row + 8]
    const x = (name) => (columns.indexOf(name) + 0.5) * column
    const heads = element('div', { class: 'heads' }, ...columns.map((name) => element('span', {}, shortOf(name))))
    heads.style.width = `${width}px`
    const diagram = shape(
      'svg',
      {
        class: 'sequence',
        role: 'img',
        'aria-label': `Sequence diagram of the last ${steps.length} messages and states`,
        ...{ width, height, viewBox: `0 0 ${width} ${height}` },
      },
      ...columns.map((name) => shape('line', { class: 'life', x1: x(name), x2: x(name), y1: 0, y2: height })),
      ...steps.map((step, n) => stepShape(step, x, top + n * row + 14)),
    )
    place.replaceChildren(heads, diagram)
    if (isAtEnd) place.scrollTop = place.scrollHeight
  }
}

const shortOf = (name) => name.replace(/ of .*$/, '').replace(/^(server|lease):.*$/, '$1')

/** Who takes part: those who talk most stand side by side, and first where there is little room. */
function columnsOf(steps) {
  const names = new Set(steps.flatMap((step) => (step.kind === 'state' ? step.of : [step.from, step.to])))
  const rank = (name) =>
    ['host', 'server', 'lease', 'connection', 'prepare', 'supervisor'].findIndex((word) => name.startsWith(word))
  return [...names].sort((a, b) => rank(a) - rank(b))
}

function stepShape(step, x, y) {
  if (step.kind === 'state') return note(step.state, x(step.of), y)
  const [from, to] = [x(step.from), x(step.to)]
  const kind = step.kind === 'answer' ? 'message answer' : 'message'
  const label = step.times > 1 ? `${step.label} ×${step.times}` : step.label
  if (from === to) {
    return shape(
      'g',
      {},
      shape('path', { class: kind, d: `M${from} ${y - 5} h22 v10 h-22` }),
      shape('text', { x: from + 30, y: y + 4 }, label),
    )
  }
  const tip = to > from ? -6 : 6
  return shape(
    'g',
    {},
    shape('path', { class: kind, d: `M${from} ${y + 6} H${to}` }),
    shape('path', { class: 'tip', d: `M${to} ${y + 6} l${tip} -3.5 v7 Z` }),
    shape('text', { class: 'label', x: (from + to) / 2, y }, label),
  )
}

function note(state, x, y) {
  const width = state.length * 7.2 + 24
  return shape(
    'g',
    { class: 'note', 'data-tone': toneOf(state) },
    shape('rect', { x: x - width / 2, y: y - 9, width, height: 20, rx: 10 }),
    shape('text', { x, y: y + 5 }, state),
  )
}
