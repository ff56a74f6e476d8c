/** Hands what happens to the Stately inspector in the frame, and to nobody else. Nothing secret is in these messages. */
const home = 'https://stately.ai'
const most = 1_000
const frame = document.getElementById('inspector')
let waiting = []
let isConnected = false

const tell = (message) => frame.contentWindow.postMessage(message, home)

addEventListener('message', ({ origin, source, data }) => {
  if (origin !== home || source !== frame.contentWindow || data?.type !== '@statelyai.connected') return
  isConnected = true
  waiting.forEach(tell)
  waiting = []
})

new EventSource('stately/events').addEventListener('message', ({ data }) => {
  const message = JSON.parse(data)
  if (isConnected) tell(message)
  else waiting = [...waiting.slice(1 - most), message]
})
