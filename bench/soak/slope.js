/** How much `values` grow from one to the next, by least squares, with the 95 % interval of that slope. */
export function slopeOf(values) {
  const n = values.length
  const meanX = (n - 1) / 2
  const meanY = values.reduce((sum, y) => sum + y, 0) / n
  const spread = values.reduce((sum, _, x) => sum + (x - meanX) ** 2, 0)
  const slope = values.reduce((sum, y, x) => sum + (x - meanX) * (y - meanY), 0) / spread
  const residue = values.reduce((sum, y, x) => sum + (y - meanY - slope * (x - meanX)) ** 2, 0)
  const margin = 1.96 * Math.sqrt(residue / Math.max(n - 2, 1) / spread)
  return { slope, low: slope - margin, high: slope + margin }
}
