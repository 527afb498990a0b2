/*
 * The stop protocol, for the model checker spin. How to read and run it: README.md beside this file.
 *
 * One workfile, its runs, the processes that execute and stop them, the metadata database and one data source. Each
 * statement on a database is one atomic step; everything between two of them may be interleaved, delayed or cut off. A
 * process that dies or stands still for ever does in any case what one does that is never its turn.
 * Switches: sizes (RUNS, OPERATORS, WORKERS, EPOCHS, DRIVERS), faults (CRASHES ...), SEED_x (one mechanism left out).
 */

#ifndef RUNS
#define RUNS 1 /* run requests for the workfile */
#endif
#ifndef OPERATORS
#define OPERATORS 2 /* of a flow, one after the other: 1 or 2 */
#endif
#ifndef WORKERS
#define WORKERS 1 /* 1 or 2 */
#endif
#ifndef EPOCHS
#define EPOCHS 1 /* claims of one run: a run is not taken over more often than that in a configuration */
#endif
#ifndef DRIVERS
#define DRIVERS 1 /* processes that drive the stop: the API's, the worker's own, one that has swept it up */
#endif
#ifndef REPEATABLE
#define REPEATABLE 2 /* operators that may be done again, one bit each: the first one is free SQL */
#endif

/* How often each fault may happen. */
#ifndef CRASHES
#define CRASHES 0 /* of workers */
#endif
#ifndef API_CRASHES
#define API_CRASHES 0 /* of the process that took the stop; for what is safe it is one that does not go on */
#endif
#ifndef CUTS
#define CUTS 0 /* between all processes and the data source */
#endif
#ifndef DEATHS
#define DEATHS 0 /* of the data source */
#endif
#ifndef HAND_OVERS
#define HAND_OVERS 0
#endif
/* Whether it may happen, as often as you like. */
#ifndef FREEZES
#define FREEZES 0 /* workers stand still for longer than leases, gates and transactions are given */
#endif
#define STAND_STILL (FREEZES || CRASHES)
#ifndef OPERATOR_ERRORS
#define OPERATOR_ERRORS 0
#endif
#ifndef SLOW_COMMITS
#define SLOW_COMMITS 0 /* the answer to a COMMIT takes longer than the gate may be held */
#endif

#include "state.pml"
#include "properties.pml"
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
    :: n < RUNS -> run Request(n); run Time(n); n++
    :: else -> break
    od;
    n = 0;
    do
    :: n < WORKERS -> run Worker(n); n++
    :: else -> break
    od;
    n = 0;
    do
    :: n < DRIVERS -> run Driver(n); n++
    :: else -> break
    od;
    n = 0;
    run Stop();
#if CRASHES || API_CRASHES || CUTS || DEATHS
    run Faults();
#endif
#if CUTS
    run Heal();
#endif
  }
}
