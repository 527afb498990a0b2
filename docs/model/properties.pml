/*
 * What must hold. Safety is asserted where it can be broken; the name in front of an assertion says what it is about and
 * shows in the checker's message. The names are never true: `assert(I1 || x)` is `assert(x)`.
 */
hidden byte I1, /* final only when no admitted session of the run lives */
  I2,          /* no commit takes effect after acceptance, but what was sent under the gate before */
  START,       /* no operator begins after acceptance, or for a worker that has lost its run */
  I3,          /* one final state, legal moves only */
  I4,          /* one active run of a workfile */
  ADMISSION,   /* no session is admitted to a run that is not running */
  I9,          /* an attempt is on record as finished if and only if it was committed */
  LEDGER,      /* what the ledger calls gone is gone */
  LATER,       /* a worker ends no session of a later claim */
  OUTCOME,     /* a run that is being stopped fails only when an operator did */
  ONCE;        /* committed once, unless it is repeatable and no result of it was recorded */

#ifdef LIVENESS
/* Every accepted stop is confirmed in the end. The data source is reachable again in the end: that is how cuts are made. */
ltl confirmed { [] ((status[0] == STOPPING) -> <> (status[0] > STOPPING)) }
#endif
