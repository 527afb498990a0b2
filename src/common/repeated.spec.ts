import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { repeated } from './repeated.js';

describe('repeated', () => {
  it('is what is there more than once', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9)), (all) => {
        expect([...repeated(all)].sort()).toEqual(
          [...new Set(all)].filter((one) => all.filter((other) => other === one).length > 1).sort(),
        );
      }),
    );
  });
});
