/** Makes an element with attributes and children; texts are texts, never markup. */
export function element(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children)
}

/** The same in SVG. */
export function shape(name, attributes = {}, ...children) {
  return filled(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children)
}

function filled(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) node.setAttribute(key, value === true ? '' : value)
  }
  node.append(...children.filter((child) => child !== undefined && child !== false))
  return node
}

export const byId = (id) => document.getElementById(id)

/** Sets a text only if it differs, so that nothing is read out twice. */
export function write(node, text) {
  if (node.textContent !== text) node.textContent = text
}
