import { isIP } from 'node:net';

/**
 * Who is believed what he says of the requests before him (X-Forwarded-*). True: whoever connects, and all that he passes
 * on; false: nobody; a number: so many, counted from here; a list: addresses, subnets and names of ranges.
 */
export type TrustedProxies = boolean | number | readonly string[];

/** How `load-config.ts` reads variables, and where it collects what is wrong. */
interface Reader {
  readonly problems: string[];
  readonly text: (name: string) => string | null;
}

const MOST_HOPS = 20;
const RANGES = ['loopback', 'linklocal', 'uniquelocal'];
const FORM =
  `TRUST_PROXY must be true, false, the number of proxies in front (1 to ${MOST_HOPS}), or their addresses: ` +
  `IP addresses, subnets like 10.0.0.0/8, ${RANGES.join(', ')}`;

/** The setting `TRUST_PROXY`. */
export function trustedProxiesOf({ problems, text }: Reader): TrustedProxies {
  const value = text('TRUST_PROXY')?.toLowerCase() ?? 'false';
  if (['true', 'yes', 'on'].includes(value)) return true;
  if (['false', 'no', 'off', '0'].includes(value)) return false;
  if (/^\d+$/.test(value) && Number(value) <= MOST_HOPS) return Number(value);
  const listed = value.split(/[\s,]+/).filter(Boolean);
  const wrong = listed.find((one) => !RANGES.includes(one) && !isSubnet(one));
  if (wrong === undefined && listed.length > 0) return listed;
  problems.push(`${FORM}; not "${wrong ?? value}"`);
  return false;
}

/** An address, or one with the length of its prefix. */
function isSubnet(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const bits = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
  if (bits === 0 || rest.length > 0) return false;
  return prefix === undefined || (/^[1-9]\d*$/.test(prefix) && Number(prefix) <= bits);
}
