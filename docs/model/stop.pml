/*
 * The stop protocol, for the model checker spin. How to read and run it: README.md beside this file.
 *
 * One workfile, its runs, the processes that execute and stop them, the metadata database and one data source. Each
 * statement on a database is one atomic step; everything between two of them may be interleaved, delayed or cut off.
 * Switches: sizes (RUNS, OPERATORS, WORKERS, EPOCHS), faults (CRASHES ...), BUILT_x (what the code does where the
 * protocol has to do more), SEED_x (one mechanism left out).
 */

#ifndef RUNS
#define RUNS 1 /* run requests for the workfile */
#endif
#ifndef OPERATORS
#define OPERATORS 2 /* of a flow, one after the other */
#endif
#ifndef WORKERS
#define WORKERS 1
#endif
#ifndef EPOCHS
#define EPOCHS 1 /* claims of one run; a run is not taken over more often than that in a configuration */
#endif
#ifndef REPEATABLE
#define REPEATABLE(o) ((o) == 1) /* the first operator is free SQL, the second one may be done again */
#endif

/* How often each fault may happen. */
#ifndef CRASHES
#define CRASHES 0
#endif
#ifndef API_CRASHES
#define API_CRASHES 0
#endif
#ifndef FREEZES
#define FREEZES 0
#endif
#ifndef CUTS
#define CUTS 0
#endif
#ifndef HAND_OVERS
#define HAND_OVERS 0
#endif
#ifndef ISOLATIONS
#define ISOLATIONS 0
#endif

bit crashed[WORKERS];
bit frozen[WORKERS];

#include "properties.pml"
#include "state.pml"
#include "data-source.pml"
#include "metadata.pml"
#include "worker.pml"
#include "stopping.pml"
#include "faults.pml"

init {
  atomic {
    byte n = 0;
    do
    :: n < RUNS * EPOCHS -> run Session(n); n++
    :: else -> break
    od;
    n = 0;
    do
    :: n < RUNS -> run Request(n); n++
    :: else -> break
    od;
    n = 0;
    do
    :: n < WORKERS -> run Worker(n); n++
    :: else -> break
    od;
    run Api();
#ifndef SEED_NO_SWEEP
    run Sweep();
#endif
    run Clocks();
    run Faults();
#if CUTS
    run Heal()
#endif
  }
}
