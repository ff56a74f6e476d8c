import { BlockList, isIP } from 'node:net'

/** Where an address leads: to the internet, into a network of somebody's own, to this machine, or to no honest server. */
export type AddressRange = 'public' | 'private' | 'loopback' | 'forbidden'

const ipv4: Readonly<Record<Exclude<AddressRange, 'public'>, readonly (readonly [string, number])[]>> = {
  loopback: [['127.0.0.0', 8]],
  private: [
    ['10.0.0.0', 8],
    ['172.16.0.0', 12],
    ['192.168.0.0', 16],
    ['100.64.0.0', 10],
  ],
  // This network, link-local (the metadata services of clouds), documentation, benchmarks, multicast, reserved.
  forbidden: [
    ['0.0.0.0', 8],
    ['169.254.0.0', 16],
    ['192.0.0.0', 24],
    ['192.0.2.0', 24],
    ['192.88.99.0', 24],
    ['198.18.0.0', 15],
    ['198.51.100.0', 24],
    ['203.0.113.0', 24],
    ['224.0.0.0', 3],
  ],
}

const ipv6: typeof ipv4 = {
  loopback: [['::1', 128]],
  private: [['fc00::', 7]],
  // Documentation, and tunnels that carry an IPv4 address of any kind.
  forbidden: [
    ['2001::', 32],
    ['2001:db8::', 32],
    ['2002::', 16],
  ],
}

const globalUnicast = new BlockList()
globalUnicast.addSubnet('2000::', 3, 'ipv6')
const translated = new BlockList()
translated.addSubnet('64:ff9b::', 96, 'ipv6')
translated.addSubnet('::ffff:0:0', 96, 'ipv6')

const ranges = (['forbidden', 'loopback', 'private'] as const).map((range) => {
  const list = new BlockList()
  for (const [net, prefix] of ipv4[range]) {
    list.addSubnet(net, prefix, 'ipv4')
    // What a NAT64 gateway translates back (RFC 6052).
    list.addSubnet(`64:ff9b::${net}`, 96 + prefix, 'ipv6')
  }
  for (const [net, prefix] of ipv6[range]) list.addSubnet(net, prefix, 'ipv6')
  return { range, list }
})

/** The range of an IP address. What is no address is forbidden. */
export function rangeOf(address: string): AddressRange {
  const family = isIP(address)
  if (family === 0) return 'forbidden'
  const type = family === 4 ? 'ipv4' : 'ipv6'
  const known = ranges.find(({ list }) => list.check(address, type))
  if (known) return known.range
  return family === 4 || globalUnicast.check(address, type) || translated.check(address, type) ? 'public' : 'forbidden'
}
