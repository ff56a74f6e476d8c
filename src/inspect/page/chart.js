import { byId } from './element.js'
import { toneOf } from './words.js'

const superstates = { connecting: ['live'], waiting: ['live'], ready: ['live'] }
const closing = ['live', 'closing']

/** The statechart of a server, drawn when the package was built; states and arrows are lit here. */
export async function createChart() {
  const place = byId('chart')
  const response = await fetch('charts/server.svg')
  place.innerHTML = await response.text()
  const marks = (selector) => [...place.querySelectorAll(selector)]

  return (visited, state) => {
    const now = visited.at(-1) ?? state
    const before = visited.slice(0, -1)
    const boxes = superstates[now] ?? (['draining', 'terminating', 'closing'].includes(now) ? closing : [])
    for (const mark of marks('.state, .superstate')) {
      const { state: name } = mark.dataset
      mark.classList.toggle('was', before.includes(name))
      tone(mark, name === now || boxes.includes(name) ? toneOf(now) : undefined)
      if (name === now) mark.setAttribute('aria-current', 'true')
      else mark.removeAttribute('aria-current')
    }
    for (const arrow of marks('.arrow')) {
      const { from, to } = arrow.dataset
      const isLast = from === before.at(-1) && (to === now || boxes.includes(to))
      tone(arrow, isLast ? toneOf(now) : undefined)
    }
    // Only what can be scrolled is a stop of the keyboard.
    place.tabIndex = place.scrollWidth > place.clientWidth ? 0 : -1
    keepInSight(place, marks('.state[aria-current]')[0])
    place.firstElementChild.setAttribute('aria-label', `Statechart of the server: it is ${now}`)
  }
}

/** In a narrow window the chart is wider than its card. */
function keepInSight(place, mark) {
  if (!mark || place.scrollWidth <= place.clientWidth) return
  const [box, frame] = [mark.getBoundingClientRect(), place.getBoundingClientRect()]
  if (box.left < frame.left || box.right > frame.right)
    place.scrollLeft += box.left - frame.left - frame.width / 2 + box.width / 2
}

function tone(mark, value) {
  if (value) mark.dataset.tone = value
  else delete mark.dataset.tone
}
