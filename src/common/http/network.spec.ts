import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { networkOf } from './network.js';

describe('networkOf', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::FFFF:cb00:7107', '203.0.113.7'],
    ['::ffff:0.0.0.1', '0.0.0.1'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['2001:db8::', '2001:db8:0:0::/64'],
    ['2001:0DB8:0001:0002:0003:0004:0005:0006', '2001:db8:1:2::/64'],
    ['2001:db8:0:0:1::1', '2001:db8:0:0::/64'],
    ['1::5:6:7:8', '1:0:0:0::/64'],
    ['::4:5:6:7:8', '0:0:0:4::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
    ['unknown', 'unknown'],
    ['', ''],
    ['1::2::3', '1::2::3'],
  ])('of %j is %j', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });

  it('is the same for all that begin with the same 64 bits, however they are written', () => {
    const groups = fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 });
    const hex = (all: number[]) => all.map((group) => group.toString(16));
    fc.assert(
      fc.property(groups, fc.ipV6(), (all, other) => {
        const first = hex(all).slice(0, 4).join(':');
        // With a zero in front it is another kind of address.
        fc.pre(all[0] !== 0);
        const long = hex(all).map((group) => group.padStart(4, '0').toUpperCase());
        expect(networkOf(long.join(':'))).toBe(`${first}::/64`);
        expect(networkOf(`${first}::1`)).toBe(`${first}::/64`);
        expect(networkOf(other)).toMatch(/^([0-9a-f]+:){4}:\/64$|^[\d.]+$/);
      }),
    );
  });
});
