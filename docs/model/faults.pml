/*
 * What goes wrong, how often at most, and the clocks that notice it.
 */
#ifdef BUILT_GATE_OUTLIVES_TRANSACTION
#define TRANSACTION_OVER(r) true
#else
/* The data source has ended the transaction of a worker that stands still before the gate is closed. */
#define TRANSACTION_OVER(r) (session[SLOT(r, epoch[r])] != INTX)
#endif

/* Leases and time limits of the gate. */
proctype Clocks() {
end:
  do
    /* Nobody renews it: the worker is dead, stands still, or has given it up before that (self-fencing). */
  :: atomic { (status[0] == RUNNING || status[0] == STOPPING) && !lease_over[0] &&
      (worker[0] == NOBODY || frozen[worker[0] - 1]) -> lease_over[0] = 1 }
    /* A worker that stood still renews in time, or notices itself (NEWS). */
  :: atomic { lease_over[0] && worker[0] != NOBODY && !frozen[worker[0] - 1] && !HELD(0) -> lease_over[0] = 0 }
#if RUNS > 1
  :: atomic { (status[1] == RUNNING || status[1] == STOPPING) && !lease_over[1] &&
      (worker[1] == NOBODY || frozen[worker[1] - 1]) -> lease_over[1] = 1 }
  :: atomic { lease_over[1] && worker[1] != NOBODY && !frozen[worker[1] - 1] && !HELD(1) -> lease_over[1] = 0 }
#endif
    /* The metadata server closes a gate whose worker stands still (idle_in_transaction_session_timeout). */
  :: atomic { HELD(0) && frozen[gate[0] - 1] && TRANSACTION_OVER(0) -> gate[0] = NOBODY }
  od
}

/* Each may happen at any time, or not at all. */
proctype Faults() {
  byte crashes = CRASHES, api_crashes = API_CRASHES, freezes = FREEZES, cuts = CUTS;
  do
  :: atomic { crashes -> crashes--; crashed[0] = 1 }
#if WORKERS > 1
  :: atomic { crashes -> crashes--; crashed[1] = 1 }
  :: atomic { freezes -> freezes--; frozen[1] = 1 }
  :: frozen[1] -> frozen[1] = 0
#endif
  :: atomic { api_crashes -> api_crashes--; api_crashed = 1 }
  :: atomic { freezes -> freezes--; frozen[0] = 1 }
  :: frozen[0] -> frozen[0] = 0
  :: atomic { cuts && !cut -> cuts--; cut = 1 }
  :: break
  od
}

/* The data source is reachable again, sooner or later. */
proctype Heal() {
end:
  do
  :: cut -> cut = 0
  od
}
