import { isIPv6 } from 'node:net';

const MAPPED = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/;

/**
 * What to count a client by: an IPv4 address, also where it is written as IPv6; of an IPv6 address the first 64 bits,
 * for whoever has one has all that begin with them. Anything else, which a proxy may say, stays as it is.
 */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  // In lower case, without leading zeros, and with :: for the longest row of zeros.
  const canonical = new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname.slice(1, -1);
  const mapped = MAPPED.exec(canonical);
  if (mapped !== null) return dotted(mapped[1], mapped[2]);
  const [before = [], after = []] = canonical.split('::').map((side) => side.split(':'));
  const zeros = new Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0');
  const groups = [...before, ...zeros, ...after].map((group) => group || '0');
  return `${groups.slice(0, 4).join(':')}::/64`;
}

function dotted(...pairs: (string | undefined)[]): string {
  return pairs
    .map((pair) => parseInt(pair ?? '', 16))
    .flatMap((pair) => [pair >> 8, pair & 255])
    .join('.');
}
