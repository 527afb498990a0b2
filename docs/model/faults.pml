/*
 * What goes wrong, how often at most, and the clocks that notice it.
 */
/* The data source has ended the transaction of a worker that stands still before the metadata server closes its gate. */
#define TRANSACTION_OVER(r) (session[SLOT(r, gate[r])] != BOUND)

/*
 * Nobody renews a lease whose worker is dead or has given it up; one that stands still renews it too late. The metadata
 * server closes the gate of one that stands still (idle_in_transaction_session_timeout).
 */
proctype Time(byte r) {
end:
  do
  :: atomic { (status[r] == RUNNING || status[r] == STOPPING) && !lease_over[r] && (FREEZES || !renewed[r]) -> lease_over[r] = 1 }
#if STAND_STILL
  :: atomic { FREEZES && lease_over[r] && renewed[r] && !HELD(r) -> lease_over[r] = 0 }
  :: atomic { HELD(r) && TRANSACTION_OVER(r) -> gate[r] = 0 }
#endif
  od
}

#if CRASHES || API_CRASHES || CUTS || DEATHS
/* Each may happen at any time, or not at all. */
proctype Faults() {
  byte crashes = CRASHES, api_crashes = API_CRASHES, cuts = CUTS, deaths = DEATHS, n;
end:
  do
#if CRASHES
  :: atomic { crashes && busy[0] -> crashes--; crashed[0] = 1 }
#if WORKERS > 1
  :: atomic { crashes && busy[1] -> crashes--; crashed[1] = 1 }
#endif
#endif
#if API_CRASHES
  :: atomic { api_crashes -> api_crashes--; api_crashed = 1 }
#endif
#if CUTS
  :: atomic { cuts && !cut -> cuts--; cut = 1 }
#endif
#if DEATHS
  :: atomic { deaths -> deaths--; die() }
#endif
#ifdef LIVENESS
  :: true -> break /* they need not happen */
#endif
  od
}
#endif

#if CUTS
/* The data source is reachable again, sooner or later. */
proctype Heal() {
end:
  do
  :: cut -> cut = 0
  od
}
#endif
