/*
 * A worker: takes runs, executes their operators one after the other, ends them. It can crash at every point; and it may
 * stand still at every point for as long as you like, going on later with what it had believed before.
 */
/* Why a run is cut off here. */
#define STOP 1
#define HAND_OVER 2
#define LOST 3

byte hand_overs = HAND_OVERS;
bit crashed[WORKERS];
bit busy[WORKERS]; /* has a run in hand */

#define ALL_DONE (have == (1 << OPERATORS) - 1)
/* The session is of no use any more, as far as its client can tell. */
#define BROKEN (session[s] == GONE || closed[s])
#define USABLE (!cut && !BROKEN)
/* An answer of the data source arrives. */
#define ANSWER(a) (session[s] == (a) && !closed[s])
#define OWN_STEP (STEP(s, o) == BEGUN)

/* What it may hear at any time while nothing was heard yet. Reading the news late is reading it at a later step. */
#define NEWS (why == 0 && (status[r] == STOPPING || epoch[r] != e || lease_over[r] || hand_overs))
inline hear() {
  if
  :: status[r] == STOPPING -> why = STOP
  :: epoch[r] != e || lease_over[r] -> why = LOST; let_go()
  :: hand_overs -> hand_overs--; why = HAND_OVER
  fi
}

/* The lease is not renewed any more. */
inline let_go() {
  if
  :: epoch[r] == e -> renewed[r] = 0
  :: else
  fi
}

/* Own cancel of what is in flight. */
inline cut_off() {
  if
  :: !cut -> cancel(s)
  :: cut
  fi
}

/* The fence before an operator. */
#ifdef SEED_NO_FENCE
#define FENCE true
#else
#define FENCE MINE(r, e)
#endif

/* The same before a session is one of the run's. */
#ifdef SEED_NO_ADMISSION_FENCE
#define ADMITS true
#else
#define ADMITS MINE(r, e)
#endif

/* Nobody ends a run that has ended. */
#ifdef SEED_ENDS_TWICE
#define MAY_END (epoch[r] == e)
#else
#define MAY_END (epoch[r] == e && (status[r] == RUNNING || status[r] == STOPPING))
#endif

/* SQL that somebody wrote must not be done twice: what the worker thinks of it. */
#ifdef SEED_REPEATS_ALL
#define REPEATS(o) true
#else
#define REPEATS(o) MAY_REPEAT(o)
#endif

#ifdef SEED_NO_GATE
#define LOCK skip
#define PASSING true
#else
#define LOCK gate[r] = e
#define PASSING (gate[r] == e)
#endif
inline close_gate() {
  in_time = 0;
  if
  :: gate[r] == e -> gate[r] = 0
  :: else
  fi
}

/* The transaction ends by itself if its worker stands still; from before the gate is opened. */
#ifdef SEED_UNBOUND
#define BIND skip
#else
#define BIND session[s] = BOUND
#endif
#define READY (session[s] == BOUND || session[s] == INTX)

/* The step is on record as finished, with what it has made. */
inline record() {
  have = have | (1 << o);
  if
  :: OWN_STEP -> STEP(s, o) = FINISHED; DELIVERED(s, o) = 1
  :: else
  fi
}

/* What a worker may take. Of several workers the first one begins: they are alike. */
#define TAKEN_OVER(r) (status[r] == RUNNING && lease_over[r] && !HELD(r) && epoch[r] < EPOCHS)
#define QUEUED_FOR(r, w) (status[r] == QUEUED && (RUNS > 1 || w == 0))

/* Sessions that a take-over has on record as gone: those of earlier claims, which it has looked for. */
#ifdef SEED_GONE_IS_NOT_FENCED
#define EARLIER EPOCHS
#else
#define EARLIER (e - 1)
#endif

/* A worker may have stood still since it looked for sessions of earlier claims, or before. */
#ifdef SEED_KILLS_UNSURE
#define SURE true
#else
#define SURE (epoch[r] == e)
#endif
#define SEES(n) (LIVES(r * EPOCHS + n) -> 1 << (n) : 0)
inline look_closely(r) {
  seen = SEES(0);
#if EPOCHS > 1
  seen = seen | SEES(1);
#endif
#if EPOCHS > 2
  seen = seen | SEES(2);
#endif
}
inline terminate_one(r, n) {
  if
  :: seen & (1 << (n)) -> assert(LATER || !LIVES(r * EPOCHS + n) || (n) < e); terminate(r * EPOCHS + n)
  :: else
  fi
}
inline terminate_those(r) {
  terminate_one(r, 0);
#if EPOCHS > 1
  terminate_one(r, 1);
#endif
#if EPOCHS > 2
  terminate_one(r, 2);
#endif
  seen = 0
}

/* What earlier attempts at operator `o` mean for the one who goes on. */
inline take_stock(slot) {
  if
  :: STEP(slot, o) >= STEP_FAILED -> error = 1
  :: STEP(slot, o) == FINISHED && DELIVERED(slot, o) -> have = have | (1 << o)
    /* Took effect, but its result was lost: done again only where that is the same. Elsewhere it is on record before that. */
  :: STEP(slot, o) == FINISHED && !DELIVERED(slot, o) && !REPEATS(o) -> error = 1
  :: else
  fi
}

inline forget() {
  busy[w] = 0; r = 0; e = 0; s = 0; o = 0; why = 0; have = 0; error = 0; listed = 0; seen = 0; in_time = 0; unknown = 0; leaves = 0
}

proctype Worker(byte w) {
  byte r, e, s, o, why;
  byte have;   /* operators whose result is at hand, one bit each */
  bit error;   /* why the run fails, as far as that is no operator's error on record */
  bit listed;  /* a session was opened */
  bit in_time; /* the COMMIT has not taken longer than the gate may be held */
  bit unknown; /* the answer to a COMMIT was lost */
  byte seen;   /* sessions that a look has shown, one bit each */
  bit leaves;  /* without the metadata database it is no reason to fail the run */
#if CRASHES
  {
#endif
end_idle:
    /* A job of the queue, or a look once a second; neither tells more than that there may be something. */
    do
    :: atomic { TAKEN_OVER(0) -> r = 0; claim(r, w); goto taking_up }
    :: atomic { QUEUED_FOR(0, w) -> r = 0; claim(r, w); goto opening_session }
#if RUNS > 1
    :: atomic { TAKEN_OVER(1) -> r = 1; claim(r, w); goto taking_up }
    :: atomic { QUEUED_FOR(1, w) -> r = 1; claim(r, w); goto opening_session }
#endif
    od;

taking_up:
#if EPOCHS > 1
    /* Ends what is left of earlier workers, decides what they were at. */
#ifdef SEED_TAKEOVER_LEAVES_SESSIONS
    atomic { gone(r, EARLIER); decide(r, e - 1) }
#else
    do
    :: atomic { NEWS -> hear(); goto leaving }
    :: atomic { !cut -> look_closely(r);
        if
        :: seen
        :: else -> break
        fi }
      /* There is no later claim yet: then what was seen before is none of its sessions. */
      if
      :: atomic { SURE }
      :: atomic { !SURE -> seen = 0; goto leaving }
      fi;
      if
      :: atomic { !cut -> terminate_those(r) }
      :: atomic { cut -> seen = 0 }
      fi
    od;
    atomic { gone(r, EARLIER) }
    do
    :: atomic { NEWS -> hear(); goto leaving }
    :: atomic { !cut -> decide(r, e - 1);
        if
        :: undecided
        :: else -> break
        fi }
    od;
#endif
    atomic {
      do
      :: o < OPERATORS ->
        take_stock(r * EPOCHS);
#if EPOCHS > 2
        if
        :: e > 2 -> take_stock(r * EPOCHS + 1)
        :: else
        fi;
#endif
        o++
      :: else -> break
      od;
      o = 0;
      if
      :: error || ALL_DONE -> goto leaving
      :: else
      fi
    }
#endif

opening_session:
    /* On record before it is opened, its handle before it gets the tag of the run and its first statement. */
    if
    :: atomic { MINE(r, e) -> ledger[s] = OPENING; session[s] = CONNECTING }
    :: atomic { !MINE(r, e) -> goto leaving }
    fi;
    if
    :: atomic { (session[s] == IDLE || session[s] == GONE) && ADMITS ->
        assert(ADMISSION || status[r] == RUNNING);
        listed = 1; ledger[s] = OPENED; admitted[s] = LIVES(s) }
    :: atomic { session[s] == IDLE && !ADMITS -> listed = 1; goto leaving }
      /* Cannot connect, as far as it can tell. */
    :: atomic { cut || BROKEN -> closed[s] = 1; error = 1 }
      atomic { ledger[s] = CLOSED; goto leaving }
    fi;

next_operator:
    if
    :: atomic { ALL_DONE -> goto leaving }
    :: atomic { !ALL_DONE && NEWS -> hear(); goto leaving }
      /* The transaction opens, and its step is on record before its statement is sent: the fence. */
    :: atomic { !ALL_DONE && FENCE && (USABLE || session[s] == GONE) ->
        assert(START || status[r] == RUNNING && epoch[r] == e);
        o = (have & 1 -> 1 : 0);
        STEP(s, o) = BEGUN; DELIVERED(s, o) = 0;
        if
        :: USABLE -> session[s] = INTX; at[s] = o
        :: else /* gone since */
        fi }
    :: atomic { !ALL_DONE && !FENCE -> goto leaving }
      /* BEGIN fails, e.g. because a cancel meets it. */
    :: atomic { !ALL_DONE && (BROKEN || status[r] == STOPPING) -> error = 1; goto leaving }
    :: atomic { !ALL_DONE && BROKEN -> leaves = 1; goto leaving }
    fi;
    if
    :: atomic { NEWS -> hear(); goto interrupted }
    :: atomic { USABLE -> session[s] = ACTIVE }
#ifdef LIVENESS
    :: atomic { USABLE -> session[s] = ENDLESS }
#endif
    :: atomic { BROKEN -> goto interrupted }
    fi;
    do
    :: atomic { NEWS && LIVES(s) -> hear(); cut_off() }
    :: atomic { why > STOP && !cut && session[s] == ENDLESS -> cut_off() } /* again and again */
    :: atomic { why -> closed[s] = 1; goto interrupted } /* though not for ever: it lets go on this side */
    :: atomic { ANSWER(INTX) -> BIND; break }
    :: atomic { ANSWER(ERROR) -> goto failing }
    :: atomic { ANSWER(CANCELLED) || BROKEN -> goto interrupted }
    :: atomic { status[r] > STOPPING -> closed[s] = 1; goto interrupted }
    od;
    /* What must not be done twice has its result on record before it takes effect. */
    if
    :: atomic { REPEATS(o) }
    :: atomic { !REPEATS(o) && MINE(r, e) -> DELIVERED(s, o) = 1 }
    :: atomic { !REPEATS(o) && !MINE(r, e) -> goto interrupted }
    fi;
    /* The fence behind it: the row is held from before the COMMIT is sent until the step is on record. */
    if
    :: atomic { MINE(r, e) -> LOCK; in_time = 1 }
    :: atomic { !MINE(r, e) -> goto interrupted }
    fi;
    if
    :: atomic { !cut && READY && !closed[s] -> session[s] = COMMITTING; under_gate[s] = gate[r] == e }
    :: atomic { BROKEN -> goto outcome_unknown }
#ifdef SEED_COMMIT_BEHIND_GATE
      /* What the COMMIT had to wait for took so long that the gate was closed meanwhile. */
    :: atomic { READY && in_time -> close_gate() }
      if
      :: atomic { USABLE && READY -> session[s] = COMMITTING }
      :: atomic { BROKEN -> goto outcome_unknown }
      fi
#endif
    fi;
    do
    :: atomic { ANSWER(COMMITTED) && in_time && PASSING -> record(); close_gate(); goto next_operator }
      /* The metadata server has closed the gate: could not be recorded. */
    :: atomic { ANSWER(COMMITTED) && in_time && !PASSING -> leaves = 1; goto leaving }
    :: atomic { ANSWER(COMMITTED) && !in_time -> record(); goto next_operator }
    :: atomic { ANSWER(ERROR) -> close_gate(); goto failing }
    :: atomic { ANSWER(CANCELLED) || BROKEN -> goto outcome_unknown }
    :: atomic { session[s] == COMMITTING && NEWS -> hear(); cut_off() }
    :: atomic { session[s] == COMMITTING && why -> closed[s] = 1; goto outcome_unknown }
#if SLOW_COMMITS
      /* It hangs: a stop must not wait for it. */
    :: atomic { session[s] == COMMITTING && in_time -> close_gate() }
#endif
    :: atomic { status[r] > STOPPING -> closed[s] = 1; goto outcome_unknown }
    od;

outcome_unknown:
    /* The step stays begun: the data source is asked when the session is gone. */
    atomic { close_gate(); unknown = 1; goto leaving }
interrupted:
    atomic {
      close_gate();
      if
      :: OWN_STEP && (status[r] != RUNNING || epoch[r] != e || why != 0) -> STEP(s, o) = ROLLED_BACK
      :: OWN_STEP && status[r] == RUNNING && epoch[r] == e && why == 0 -> STEP(s, o) = STEP_FAILED; error = 1
      :: OWN_STEP && why == LOST /* cannot be recorded */
      :: !OWN_STEP && why == 0 -> error = 1 /* somebody else has decided it */
      :: !OWN_STEP && why != 0
      fi;
      goto leaving
    }
failing:
    atomic {
      if
      :: OWN_STEP -> STEP(s, o) = STEP_FAILED
      :: else
      fi;
      error = 1
    }

leaving:
    /* Closes its session, looks for it, though not for ever, and acknowledges its end. */
    if
    :: atomic { !listed -> close_gate(); goto ending }
    :: atomic { listed -> close_gate(); closed[s] = 1 }
    fi;
#ifdef SEED_ACKNOWLEDGES_UNSEEN
    atomic { ledger[s] = CLOSED }
#endif
    if
    :: atomic { !cut && !LIVES(s) && session[s] != CONNECTING }
    :: atomic { true -> goto left } /* cannot look, or sees it */
    fi;
    if
    :: atomic { unknown && !cut -> decide(r, e) }
    :: atomic { unknown && cut -> goto left }
    :: atomic { !unknown }
    fi;
    if
    :: atomic { true }
    :: atomic { why == LOST -> goto left } /* cannot be recorded */
    fi;
ending:
    /* The session is acknowledged with the statement that ends the run, whether it does so or not. */
    atomic { !HELD(r) ->
      if
      :: listed -> close(s)
      :: else
      fi;
      if
      :: unknown || leaves || why > STOP ->
        if
        :: status[r] == STOPPING -> end_run(r, 0)
        :: else -> ended = 0
        fi
      :: !(unknown || leaves || why > STOP) ->
        if
        :: MAY_END -> end_run(r, error)
        :: else -> ended = 0
        fi
      fi;
      if
      :: !ended && (unknown || why == HAND_OVER)
      :: !ended && !(unknown || why == HAND_OVER) -> goto left
      :: ended -> goto left
      fi
    }
    /* For whoever takes it up, at once. */
    atomic { !HELD(r) ->
      if
      :: epoch[r] == e && status[r] == RUNNING -> lease_over[r] = 1
      :: else
      fi }
left:
    atomic { let_go(); forget(); goto end_idle }
#if CRASHES
  } unless {
    atomic { crashed[w] ->
      if
      :: close_gate(); closed[s] = 1
      :: true /* it is there and stands still for ever */
      fi;
      let_go(); forget() }
  }
#endif
}
