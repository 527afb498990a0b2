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

/* A worker gets the run, as queued or because its lease is over. */
inline claim(r, w) {
  move(r, RUNNING);
  epoch[r]++;
  worker[r] = w + 1;
  lease_over[r] = 0
}

/* Whether the ledger has a session that is not closed, and one without handle. */
inline count_open(r) {
  any_open = 0;
  any_opening = 0;
  nth = 0;
  do
  :: nth < EPOCHS ->
    any_open = any_open || OPEN(r * EPOCHS + nth);
    any_opening = any_opening || ledger[r * EPOCHS + nth] == OPENING;
    nth++
  :: else -> break
  od
}

/* Sessions are on record as gone. */
inline gone(r) {
  nth = 0;
  do
  :: nth < EPOCHS ->
    if
    :: OPEN(r * EPOCHS + nth) -> ledger[r * EPOCHS + nth] = CLOSED
    :: else
    fi;
    nth++
  :: else -> break
  od
}

#ifdef SEED_TAKEOVER_LEAVES_SESSIONS
/* Without the proof that nothing is left, nobody waits for a transaction of a worker believed dead. */
#define UNDECIDED(r, o) STEP(r, o) = ROLLED_BACK
#else
#define UNDECIDED(r, o) undecided = 1
#endif

/*
 * Decides steps that are on record as begun, by what the data source says of their transactions; `undecided` when one of
 * these is in progress.
 */
inline decide(r) {
  undecided = 0;
  nth = 0;
  do
  :: nth < OPERATORS ->
    if
    :: STEP(r, nth) != BEGUN
    :: STEP(r, nth) == BEGUN && (EFFECT(r, nth) & BIT(STEP_EPOCH(r, nth) - 1)) ->
      STEP(r, nth) = FINISHED;
      recorded[r * OPERATORS + nth] = DELIVERED(r, nth)
    :: STEP(r, nth) == BEGUN && !(EFFECT(r, nth) & BIT(STEP_EPOCH(r, nth) - 1)) ->
      if
      :: at[SLOT(r, STEP_EPOCH(r, nth))] == nth && IN_PROGRESS(SLOT(r, STEP_EPOCH(r, nth))) -> UNDECIDED(r, nth)
      :: else -> STEP(r, nth) = ROLLED_BACK
      fi
    fi;
    nth++
  :: else -> break
  od
}

/* For the properties: what is true in the data source when a final state is written. */
inline lives_after_end(r) {
  nth = 0;
  do
  :: nth < EPOCHS ->
#ifdef STRICT
    assert(I1 || !LIVES(r * EPOCHS + nth));
#else
    assert(I1 || !LIVES(r * EPOCHS + nth) || !admitted[r * EPOCHS + nth]);
#endif
    nth++
  :: else -> break
  od;
  nth = 0;
  do
  :: nth < OPERATORS ->
    assert(I9 || STEP(r, nth) == FINISHED == (STEP(r, nth) != NOT_BEGUN && (EFFECT(r, nth) & BIT(STEP_EPOCH(r, nth) - 1)) != 0));
#ifdef RECEIPT_OF_ALL_ATTEMPTS
    assert(I9 || STEP(r, nth) == FINISHED == (EFFECT(r, nth) != 0));
#endif
    nth++
  :: else -> break
  od
}

/*
 * The one place where a run gets its final state. Nothing happens while a session is open on record or a step undecided;
 * `ended` tells. The caller has any_lives that the row is not held, and whether the run is its own to end.
 */
inline end_run(r, run_failed) {
  ended = 0;
  count_open(r);
  all_finished = 1;
  nth = 0;
  do
  :: nth < OPERATORS ->
    any_failed = any_failed || STEP(r, nth) == STEP_FAILED;
    any_open = any_open || STEP(r, nth) == BEGUN;
    all_finished = all_finished && STEP(r, nth) == FINISHED;
    nth++
  :: else -> break
  od;
  if
  :: any_open
  :: else ->
    ended = 1;
    lives_after_end(r);
    if
    :: any_failed || run_failed -> move(r, FAILED)
    :: else ->
      if
      :: all_finished -> move(r, SUCCEEDED)
      :: !all_finished && status[r] == STOPPING -> move(r, STOPPED)
      :: else -> move(r, FAILED)
      fi
    fi;
    worker[r] = NOBODY;
    lease_over[r] = 0
  fi;
  any_failed = 0;
  any_open = 0;
  any_opening = 0;
  all_finished = 0
}
