/*
 * What the data source does: on behalf of its sessions, of whoever looks and kills, and on its own.
 */
/* The data source decides that the transaction takes effect. */
inline take_effect(s) {
  assert(I2 || status[RUN_OF(s)] <= STOPPING);
#ifdef STRICT
  assert(I2 || status[RUN_OF(s)] != STOPPING);
#else
  assert(I2 || status[RUN_OF(s)] != STOPPING || under_gate[s]);
#endif
  assert(ONCE || !RECORDED(RUN_OF(s), at[s]));
  assert(ONCE || REPEATABLE(at[s]) || EFFECT(RUN_OF(s), at[s]) == 0);
  EFFECT(RUN_OF(s), at[s]) = EFFECT(RUN_OF(s), at[s]) | BIT(s)
}

/* pg_cancel_backend: nothing happens to a session that runs no statement at that moment. */
inline cancel(s) {
  if
  :: session[s] == ACTIVE || session[s] == ENDLESS || session[s] == COMMITTING -> session[s] = CANCELLED
  :: session[s] == COMMITTING /* too late */
  :: else
  fi
}

/* pg_terminate_backend. */
inline terminate(s) {
  if
  :: session[s] == COMMITTING -> take_effect(s); session[s] = GONE
  :: LIVES(s) -> session[s] = GONE
  :: else
  fi
}

/* A look for the tag: is there a session of the run? */
inline look(r) {
  any_lives = 0;
  nth = 0;
  do
  :: nth < EPOCHS -> any_lives = any_lives || LIVES(r * EPOCHS + nth); nth++
  :: else -> break
  od
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
  :: atomic { session[s] == CONNECTING && !cut -> session[s] = IDLE;
#ifdef STRICT
      assert(I6 || status[RUN_OF(s)] <= STOPPING)
#endif
    }
  :: atomic { session[s] == CONNECTING && closed[s] -> session[s] = GONE }
  :: atomic { session[s] == ACTIVE -> session[s] = INTX }
#ifdef OPERATOR_ERRORS
  :: atomic { session[s] == ACTIVE || session[s] == COMMITTING -> session[s] = ERROR }
#endif
  :: atomic { session[s] == COMMITTING -> take_effect(s); session[s] = COMMITTED }
    /* COMMIT was lost on its way */
  :: atomic { session[s] == COMMITTING && closed[s] -> session[s] = GONE }
    /* It notices that its client has left; a statement that runs does so by client_connection_check_interval. */
  :: atomic { LIVES(s) && session[s] != COMMITTING && session[s] != ENDLESS && closed[s] && !cut -> session[s] = GONE }
#if CUTS
    /* The connection breaks; the server does not learn of it. */
  :: atomic { cut && !closed[s] && (LIVES(s) || session[s] == CONNECTING) -> closed[s] = 1 }
#endif
#ifndef BUILT_GATE_OUTLIVES_TRANSACTION
    /* idle_in_transaction_session_timeout, shorter than that of the gate */
  :: atomic { session[s] == INTX && frozen[client[s]] -> session[s] = GONE }
#endif
  od
}
