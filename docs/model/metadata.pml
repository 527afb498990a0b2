/*
 * Statements on the metadata database. Each is one atomic step; those that need the run's row for themselves wait while a
 * worker holds it through its gate.
 */
inline move(r, to) {
  assert(I3 || status[r] == ABSENT && to == QUEUED || status[r] == QUEUED && (to == RUNNING || to == STOPPED) ||
    status[r] == RUNNING && (to == RUNNING || to == STOPPING || to == SUCCEEDED || to == FAILED) ||
    status[r] == STOPPING && (to == STOPPED || to == SUCCEEDED || to == FAILED));
  status[r] = to
}

/* A worker gets the run, as queued or because its lease is over; it learns its epoch `e` and has session slot `s`. */
inline claim(r, w) {
  move(r, RUNNING);
  epoch[r]++;
  renewed[r] = 1;
  lease_over[r] = 0;
  e = epoch[r];
  s = SLOT(r, e);
  busy[w] = 1
}

/* Sessions of the epochs up to `last` are on record as gone. */
inline gone(r, last) {
  nth = 0;
  do
  :: nth < (last) ->
    if
    :: OPEN(r * EPOCHS + nth) -> close(r * EPOCHS + nth)
    :: else
    fi;
    nth++
  :: else -> break
  od;
  nth = 0
}

inline close(s) {
  assert(LEDGER || !LIVES(s) || !admitted[s]);
  ledger[s] = CLOSED
}

#ifdef SEED_TAKEOVER_LEAVES_SESSIONS
/* Without the proof that nothing is left, nobody waits for a transaction of a worker believed dead. */
#define UNDECIDED(s, o) STEP(s, o) = ROLLED_BACK
#else
#define UNDECIDED(s, o) undecided = 1
#endif

/* Decides steps of epochs up to `last` that are on record as begun, by what the data source says of their transactions. */
inline decide(r, last) {
  undecided = 0;
  nth = 0;
  do
  :: nth < (last) * OPERATORS -> decide_one(r * EPOCHS + nth / OPERATORS, nth % OPERATORS); nth++
  :: else -> break
  od;
  nth = 0
}

inline decide_one(s, o) {
  if
  :: STEP(s, o) != BEGUN
  :: STEP(s, o) == BEGUN && at[s] == o && LIVES(s) && session[s] != COMMITTED -> UNDECIDED(s, o)
  :: STEP(s, o) == BEGUN && !(at[s] == o && LIVES(s) && session[s] != COMMITTED) ->
    if
    :: !ANOTHER_LIFE(s) -> STEP(s, o) = (EFFECT(s, o) -> FINISHED : ROLLED_BACK)
#if DEATHS
      /* The number was given anew, or is in the future, or this is the transaction that had it first. */
#ifdef SEED_TRUSTS_ANOTHER_LIFE
    :: ANOTHER_LIFE(s) -> STEP(s, o) = FINISHED
#else
    :: ANOTHER_LIFE(s) -> STEP(s, o) = IN_DOUBT
#endif
    :: ANOTHER_LIFE(s) && !EFFECT(s, o) -> STEP(s, o) = ROLLED_BACK
#endif
    fi
  fi
}

/* For the properties: what is true in the data source when a final state is written. */
inline check_end(r) {
  nth = 0;
  do
  :: nth < EPOCHS -> assert(I1 || !LIVES(r * EPOCHS + nth) || !admitted[r * EPOCHS + nth]); nth++
  :: else -> break
  od;
  nth = r * EPOCHS * OPERATORS;
  do
  :: nth < (r + 1) * EPOCHS * OPERATORS ->
    assert(I9 || step[nth] == IN_DOUBT || step[nth] == FINISHED == effect[nth]);
    nth++
  :: else -> break
  od;
  nth = 0
}

/* An error that is no operator's is the doing of a stop, once that is accepted. */
#ifdef SEED_ERROR_OUTWEIGHS_STOP
#define COUNTS(r) true
#else
#define COUNTS(r) (status[r] == RUNNING)
#endif

/*
 * The one place where a run gets its final state. Nothing happens while a session is open on record or a step undecided;
 * `ended` tells. The caller has seen that the row is not held, and whether the run is its own to end.
 */
inline end_run(r, run_failed) {
  ended = 0; any_open = 0; any_begun = 0; any_failed = 0; finished = 0;
  nth = 0;
  do
  :: nth < EPOCHS -> any_open = any_open || OPEN(r * EPOCHS + nth); nth++
  :: else -> break
  od;
  nth = r * EPOCHS * OPERATORS;
  do
  :: nth < (r + 1) * EPOCHS * OPERATORS ->
    any_begun = any_begun || step[nth] == BEGUN;
    any_failed = any_failed || step[nth] >= STEP_FAILED;
    if
    :: step[nth] == FINISHED -> finished = finished | (1 << (nth % OPERATORS))
    :: else
    fi;
    nth++
  :: else -> break
  od;
  nth = 0;
  if
  :: any_open || any_begun
  :: else ->
    ended = 1;
    check_end(r);
    if
    :: any_failed || (run_failed) && COUNTS(r) ->
      assert(OUTCOME || any_failed || status[r] == RUNNING);
      move(r, FAILED)
    :: else ->
      if
      :: finished == (1 << OPERATORS) - 1 -> move(r, SUCCEEDED)
      :: finished != (1 << OPERATORS) - 1 && status[r] == STOPPING -> move(r, STOPPED)
      :: else -> move(r, FAILED)
      fi
    fi;
    renewed[r] = 0;
    lease_over[r] = 0
  fi
}
