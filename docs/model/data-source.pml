/*
 * What the data source does: on behalf of its sessions, of whoever looks and kills, and on its own.
 */
/* Of the same operator nothing has taken effect before, or it may be done again and its result was lost. */
#define DONE_BEFORE(s, o) (EFFECT(s, o) && (!MAY_REPEAT(o) || STEP(s, o) == FINISHED && DELIVERED(s, o)))
inline assert_once(s) {
#if EPOCHS > 1
  assert(ONCE || !DONE_BEFORE(RUN_OF(s) * EPOCHS, at[s]));
  assert(ONCE || !DONE_BEFORE(RUN_OF(s) * EPOCHS + 1, at[s]));
#endif
#if EPOCHS > 2
  assert(ONCE || !DONE_BEFORE(RUN_OF(s) * EPOCHS + 2, at[s]));
#endif
  skip
}

/* It decides that the transaction takes effect. */
inline take_effect(s) {
  assert(I2 || status[RUN_OF(s)] <= STOPPING);
  assert(I2 || status[RUN_OF(s)] != STOPPING || under_gate[s]);
  assert_once(s);
  EFFECT(s, at[s]) = 1
}

/* Nothing of it matters any more. */
inline end_session(s) {
  session[s] = GONE; at[s] = 0; under_gate[s] = 0; admitted[s] = 0; closed[s] = 1
}

/*
 * pg_cancel_backend: nothing happens to a session that runs no statement at that moment, nor to one that has not got the
 * tag of its run yet, or has another one by SQL that somebody wrote.
 */
inline cancel(s) {
  if
  :: RUNS_STATEMENT(s) -> session[s] = CANCELLED; under_gate[s] = 0
  :: true /* too early, too late, or the tag is another one */
  fi
}

/* pg_terminate_backend of a session that was just seen, under the tag it had then. */
inline terminate(s) {
  if
  :: session[s] == COMMITTING -> take_effect(s); end_session(s)
  :: LIVES(s) -> end_session(s)
  :: else
  fi
}

/* A look for the sessions of a run. */
inline look(r) {
  any_lives = 0;
  nth = 0;
  do
  :: nth < EPOCHS -> any_lives = any_lives || LIVES(r * EPOCHS + nth); nth++
  :: else -> break
  od;
  nth = 0
}

/* Terminates all that a look has shown. */
inline terminate_seen(r) {
  terminate(r * EPOCHS);
#if EPOCHS > 1
  terminate(r * EPOCHS + 1);
#endif
#if EPOCHS > 2
  terminate(r * EPOCHS + 2);
#endif
}

/* What the server does with one session on its own. */
proctype Session(byte s) {
end:
  do
  :: atomic { session[s] == CONNECTING && !cut -> session[s] = IDLE }
  :: atomic { session[s] == CONNECTING && closed[s] -> end_session(s) }
  :: atomic { session[s] == ACTIVE -> session[s] = INTX }
#if OPERATOR_ERRORS
  :: atomic { session[s] == ACTIVE -> session[s] = ERROR }
  :: atomic { session[s] == COMMITTING -> session[s] = ERROR; under_gate[s] = 0 }
#endif
  :: atomic { session[s] == COMMITTING -> take_effect(s); session[s] = COMMITTED; under_gate[s] = 0 }
    /* COMMIT was lost on its way. */
  :: atomic { session[s] == COMMITTING && closed[s] -> end_session(s) }
    /* It notices that its client has left; a statement that runs does so by client_connection_check_interval. */
  :: atomic { LIVES(s) && session[s] != COMMITTING && session[s] != ENDLESS && closed[s] && !cut -> end_session(s) }
#if CUTS
    /* The connection breaks; the server does not learn of it. */
  :: atomic { cut && !closed[s] && (LIVES(s) || session[s] == CONNECTING) -> closed[s] = 1 }
#endif
#if STAND_STILL
    /* idle_in_transaction_session_timeout */
  :: atomic { session[s] == BOUND -> end_session(s) }
#endif
  od
}

#if DEATHS
/* It dies and is there again: sessions are gone, what was not committed is rolled back, numbers of transactions begin anew. */
inline die() {
  n = 0;
  do
  :: n < RUNS * EPOCHS ->
    if
    :: session[n] == COMMITTING -> take_effect(n); end_session(n)
    :: session[n] == CONNECTING || LIVES(n) -> end_session(n)
    :: else
    fi;
    if
    :: session[n] != NONE -> another_life[n] = 1
    :: else
    fi;
    n++
  :: else -> break
  od;
  n = 0
}
#endif
