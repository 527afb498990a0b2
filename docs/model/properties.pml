/*
 * What must hold. Safety is asserted where it can be broken; the name in front of an assertion says what it is about and
 * shows in the checker's message. The names are never true: `assert(I1 || x)` is `assert(x)`.
 */
hidden byte I1, /* stopped only when no session of the run lives */
  I2,          /* no commit takes effect after acceptance, but what was sent under the gate before */
  START,       /* no operator begins after acceptance, or for a worker that has lost its run */
  I3,          /* one final state, legal moves only */
  I4,          /* one active run of a workfile */
  I6,          /* no session of the run lives, or begins to, once it is reported idle */
  I9,          /* an operator is on record as finished if and only if it was committed */
  ONCE;        /* committed once, unless it is repeatable and no result of it was recorded */

#ifdef LIVENESS
ltl confirmed { [] ((status[0] == STOPPING) -> <> (status[0] > STOPPING)) }
#endif
