import type { LookupAddress } from 'node:dns'
import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import { InboxError } from '../../inbox-error.ts'

/** Where a replay may go: an address that was looked at is the one that is connected to. */
export interface ReplayTarget {
  /** Without userinfo, query and fragment. */
  url: URL
  /** What its name stands for. */
  addresses: LookupAddress[]
  /** Whether it is this machine. */
  isLoopback: boolean
}

/** A target that is no address of a server, or that replays do not go to. */
export class TargetError extends InboxError {
  override name = 'TargetError'
}

/**
 * Holds a base URL against the rule that replays go to this machine alone, but for hosts that were allowed by name.
 *
 * @param allowHosts exact host names, without a port
 * @throws TargetError
 */
export async function checkTarget(target: string, allowHosts: readonly string[] = []): Promise<ReplayTarget> {
  const url = readTargetUrl(target)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const addresses = await lookUp(host)
  const isLoopback = addresses.every(isLoopbackAddress)
  if (!isLoopback && !allowHosts.some(allowed => allowed.toLowerCase().replace(/^\[|\]$/g, '') === host)) {
    throw new TargetError(
      `${host} is not loopback; a replay goes there only from a terminal: npx replaystack replay … --allow-host ${host}`,
    )
  }
  return { url, addresses, isLoopback }
}

function readTargetUrl(target: string): URL {
  const url = URL.canParse(target) ? new URL(target) : undefined
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new TargetError(`The target must be an http or https URL, got ${target.slice(0, 200)}`)
  }
  if (url.username || url.password) throw new TargetError('The target must have no user and password; give a header')
  if (url.search || url.hash) throw new TargetError('The target must have no query and no fragment')
  return url
}

async function lookUp(host: string): Promise<LookupAddress[]> {
  const family = isIP(host)
  if (family) return [{ address: host, family }]
  try {
    return await lookup(host, { all: true })
  } catch {
    throw new TargetError(`${host} has no address`)
  }
}

function isLoopbackAddress({ address, family }: LookupAddress): boolean {
  const loopback = new BlockList()
  loopback.addSubnet('127.0.0.0', 8, 'ipv4')
  loopback.addAddress('::1', 'ipv6')
  // Addresses of IPv4 in IPv6 (`::ffff:127.0.0.1`) are checked by the rules of IPv4.
  return loopback.check(address, family === 6 ? 'ipv6' : 'ipv4')
}
