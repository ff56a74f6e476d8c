/** A statechart as SVG without a style of its own: Graphviz places the states, classes and `data-` keys let a page light them. */
import { Graphviz } from '@hpcc-js/wasm-graphviz'
import { arrowsOf } from 'mcpvisor/machines'

const graphviz = await Graphviz.load()
const inch = 72

/** Arrows from everywhere, or from a superstate into itself, would hide the others: the docs tell them in words. */
const isDrawn = ({ from, to }) => from !== 'any' && from !== to

export function toSvg(machine, title) {
  const isInside = ({ from, to }) => Boolean(find(machine.root, from) && find(find(machine.root, from), to))
  const arrows = merged(arrowsOf(machine).filter((arrow) => isDrawn(arrow) && !isInside(arrow)))
  const { objects, edges = [], bb } = JSON.parse(graphviz.dot(toDot(machine.root, arrows), 'json'))
  const [, , width, height] = numbers(bb)
  const flip = (y) => round(height - y)
  const boxes = objects
    .filter(({ nodes, name }) => nodes && name.startsWith('cluster_'))
    .map((box) => boxSvg(box, flip))
  const states = objects
    .filter(({ pos, name }) => pos && !name.startsWith('start_'))
    .map((node) => stateSvg(node, flip, machine))
  const starts = objects.filter(({ pos, name }) => pos && name.startsWith('start_')).map((node) => startSvg(node, flip))
  const paths = edges.map((edge) => arrowSvg(edge, objects, flip))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="statechart" role="img" aria-label="${title}" viewBox="-4 -4 ${round(width + 8)} ${round(height + 8)}">`,
    '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" markerHeight="6" orient="auto-start-reverse"><path d="M0 0.8 L7.4 4 L0 7.2 Z"/></marker></defs>',
    ...boxes,
    ...paths,
    ...starts,
    ...states,
    '</svg>\n',
  ].join('\n')
}

function merged(arrows) {
  const labels = new Map()
  for (const { from, to, label } of arrows) {
    const key = `${from} ${to}`
    labels.set(key, new Set([...(labels.get(key) ?? []), label]))
  }
  return [...labels].map(([key, set]) => ({ from: key.split(' ')[0], to: key.split(' ')[1], labels: [...set] }))
}

function toDot(root, arrows) {
  const inner = new Map(arrows.flatMap(({ from, to }) => [from, to]).map((name) => [name, leafOf(root, name)]))
  const lines = arrows.map(({ from, to, labels }) => {
    const [tail, head] = [inner.get(from), inner.get(to)]
    const ends = [tail !== from && `ltail="cluster_${from}"`, head !== to && `lhead="cluster_${to}"`].filter(Boolean)
    return `"${tail}" -> "${head}" [${[...ends, `id="${from} ${to}"`, `tooltip="${labels.join(' / ').replaceAll('"', '')}"`].join(', ')}]`
  })
  return `digraph {
    compound=true; rankdir=TB; nodesep=0.42; ranksep=0.44; splines=true
    node [shape=box, height=0.42, fixedsize=true]
    ${body(root)}
    ${lines.join('\n')}
  }`
}

function body(node) {
  const states = Object.values(node.states).map((child) =>
    Object.keys(child.states).length > 0
      ? `subgraph "cluster_${child.key}" { margin=14; label=" "; fontsize=8; ${body(child)} }`
      : `"${child.key}" [width=${round((child.key.length * 7.6 + 30) / inch)}]`,
  )
  const start = node.parent
    ? ''
    : `"start_${node.key}" [width=0.12, height=0.12]; "start_${node.key}" -> "${leafOf(node, node.initial.target[0].key)}" [id="start"]`
  return [...states, start].join('\n')
}

/** The state itself, or where a superstate begins. */
function leafOf(root, name) {
  const node = find(root, name)
  const [first] = node.initial?.target ?? []
  return first ? leafOf(root, first.key) : node.key
}

function find(node, key) {
  if (node.key === key && node.parent) return node
  return Object.values(node.states)
    .map((child) => find(child, key))
    .find(Boolean)
}

function boxSvg({ name, bb }, flip) {
  const [left, bottom, right, top] = numbers(bb)
  const state = name.replace('cluster_', '')
  return `<g class="superstate" data-state="${state}"><rect x="${round(left)}" y="${flip(top)}" width="${round(right - left)}" height="${round(top - bottom)}" rx="14"/><text x="${round(left + 14)}" y="${round(flip(top) + 19)}">${state}</text></g>`
}

function stateSvg({ name, pos, width, height }, flip, machine) {
  const [x, y] = numbers(pos)
  const [w, h] = [width * inch, height * inch]
  const node = find(machine.root, name)
  const title = node.description ? `<title>${node.description}</title>` : ''
  const final =
    node.type === 'final'
      ? `<rect class="inner" x="${round(x - w / 2 + 3)}" y="${round(flip(y) - h / 2 + 3)}" width="${round(w - 6)}" height="${round(h - 6)}" rx="${round(h / 2 - 3)}"/>`
      : ''
  return `<g class="state" data-state="${name}">${title}<rect x="${round(x - w / 2)}" y="${round(flip(y) - h / 2)}" width="${round(w)}" height="${round(h)}" rx="${round(h / 2)}"/>${final}<text x="${round(x)}" y="${round(flip(y) + 4)}">${name}</text></g>`
}

function startSvg({ pos }, flip) {
  const [x, y] = numbers(pos)
  return `<circle class="start" cx="${round(x)}" cy="${flip(y)}" r="4.5"/>`
}

function arrowSvg({ id, pos, tooltip, head }, objects, flip) {
  const [end, ...points] = pos
    .replace(/^e,/, '')
    .split(' ')
    .map((pair) => pair.split(',').map(Number))
  const at = ([x, y]) => `${round(x)} ${flip(y)}`
  const [first, ...rest] = points
  const curve = `M${at(first)} C${rest.map(at).join(' ')} L${at(end)}`
  const [from, to] = id === 'start' ? ['', objects[head].name] : id.split(' ')
  return `<g class="arrow" data-from="${from}" data-to="${to}">${tooltip ? `<title>${from} to ${to}: ${tooltip}</title>` : ''}<path d="${curve}" marker-end="url(#head)"/></g>`
}

const numbers = (text) => text.split(',').map(Number)
const round = (value) => Math.round(value * 10) / 10
