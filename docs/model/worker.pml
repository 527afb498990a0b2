/*
 * A worker: takes runs, executes their operators one after the other, ends them. It can crash at every point (`crashed`),
 * and stand still at every point (`frozen`), which is a process that went on believing what it had believed before.
 */
/* Why a run is cut off here. */
#define STOP 1
#define HAND_OVER 2
#define LOST 3
#define LEAVE 4 /* nothing can be said: whoever takes it up finds out */

byte hand_overs = HAND_OVERS;
byte isolations = ISOLATIONS; /* a worker loses the metadata database for longer than its lease */

/* The session is of no use any more, as far as its client can tell. */
#define BROKEN (session[s] == GONE || closed[s])

/* What it may hear at any time while nothing was heard yet. Reading the news late is reading it at a later step. */
#define NEWS (why == 0 && (status[r] == STOPPING || epoch[r] != e || lease_over[r] || hand_overs || isolations))
inline hear() {
  if
  :: status[r] == STOPPING -> why = STOP
  :: epoch[r] != e || lease_over[r] -> why = LOST; let_go()
  :: isolations -> isolations--; why = LOST; let_go()
  :: hand_overs -> hand_overs--; why = HAND_OVER
  fi
}

/* The lease is not renewed any more. */
inline let_go() {
  if
  :: worker[r] == w + 1 && epoch[r] == e -> worker[r] = NOBODY
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

#ifdef SEED_NO_GATE
#define PASSING true
#define LOCK skip
#else
#define PASSING (gate[r] == w + 1)
#define LOCK gate[r] = w + 1
#endif
inline close_gate() {
  if
  :: gate[r] == w + 1 -> gate[r] = NOBODY
  :: else
  fi
}

/* The step is on record as finished, with what it has made. */
inline record() {
  if
  :: STEP(r, o) == BEGUN && STEP_EPOCH(r, o) == e ->
    STEP(r, o) = FINISHED; DELIVERED(r, o) = 1; recorded[r * OPERATORS + o] = 1
  :: else
  fi
}

proctype Worker(byte w) provided (!frozen[w]) {
  byte r, e, s, o, why, have; /* have: operators whose result is at hand, one bit each */
  bit error, listed, passing;
  {
end_idle:
    do
    :: atomic { status[0] == RUNNING && lease_over[0] && !HELD(0) && epoch[0] < EPOCHS -> r = 0; claim(r, w); e = epoch[r]; break }
    :: atomic { status[0] == QUEUED && epoch[0] < EPOCHS -> r = 0; claim(r, w); e = epoch[r]; break }
#if RUNS > 1
    :: atomic { status[1] == RUNNING && lease_over[1] && !HELD(1) && epoch[1] < EPOCHS -> r = 1; claim(r, w); e = epoch[r]; break }
    :: atomic { status[1] == QUEUED && epoch[1] < EPOCHS -> r = 1; claim(r, w); e = epoch[r]; break }
#endif
    od;
    atomic { s = SLOT(r, e); client[s] = w }
    if
    :: e == 1 -> goto opening_session
    :: e > 1
    fi;

    /* Taking up: ends what is left of earlier workers, decides what they were at. */
    do
    :: atomic { NEWS -> hear(); goto leaving }
#ifdef SEED_TAKEOVER_LEAVES_SESSIONS
    :: atomic { gone(r); decide(r); break }
#else
    :: atomic { !cut -> look(r);
        if
        :: any_lives -> terminate_seen(r)
        :: else -> break
        fi }
#endif
    od;
#ifndef SEED_TAKEOVER_LEAVES_SESSIONS
    atomic { gone(r) }
    do
    :: atomic { !cut -> decide(r);
        if
        :: undecided
        :: else -> break
        fi }
    :: atomic { NEWS -> hear(); goto leaving }
    od;
#endif
    atomic {
      o = 0;
      do
      :: o < OPERATORS ->
        if
        :: STEP(r, o) == STEP_FAILED -> error = 1
        :: STEP(r, o) == FINISHED && DELIVERED(r, o) -> have = have | (1 << o)
          /* Took effect, but its result was lost: done again only where that is the same. */
        :: STEP(r, o) == FINISHED && !DELIVERED(r, o) && !REPEATABLE(o) -> error = 1
        :: else
        fi;
        o++
      :: else -> break
      od;
      o = 0
    }
    if
    :: error || have == (1 << OPERATORS) - 1 -> goto leaving
    :: else
    fi;

opening_session:
    if
    :: atomic { MINE(r, e) -> ledger[s] = OPENING }
    :: !MINE(r, e) -> goto leaving
    fi;
    session[s] = CONNECTING;
    if
    :: session[s] == IDLE && !closed[s] -> listed = 1
    :: atomic { cut && session[s] != GONE -> closed[s] = 1 }
    :: BROKEN
    fi;
    if
    :: listed
    :: else -> /* cannot connect, as far as it can tell */
      atomic { ledger[s] = CLOSED; error = 1 }
      goto leaving
    fi;
    if
    :: atomic { MINE(r, e) -> ledger[s] = OPENED; admitted[s] = 1 }
    :: !MINE(r, e) -> goto leaving
    fi;

next_operator:
    if
    :: have == (1 << OPERATORS) - 1 -> goto leaving
    :: atomic { have != (1 << OPERATORS) - 1 && NEWS -> hear(); goto leaving }
    :: atomic { else -> o = (have & 1 -> 1 : 0) }
    fi;
    if
    :: atomic { !cut && !BROKEN -> session[s] = INTX; at[s] = o; under_gate[s] = 0 }
    :: atomic { BROKEN -> why = LEAVE; goto leaving }
    fi;
    /* The fence before an operator: its step is on record before its statement is sent. */
    if
#ifdef SEED_NO_FENCE
    :: atomic { true ->
#else
    :: atomic { MINE(r, e) ->
#endif
      assert(START || status[r] == RUNNING && epoch[r] == e);
      STEP(r, o) = BEGUN; STEP_EPOCH(r, o) = e; DELIVERED(r, o) = 0 }
#ifndef SEED_NO_FENCE
    :: !MINE(r, e) -> goto leaving
#endif
    fi;

    if
    :: atomic { NEWS -> hear(); goto interrupted }
#ifdef LIVENESS
    :: atomic { !cut && !BROKEN -> session[s] = ENDLESS }
#endif
    :: atomic { !cut && !BROKEN -> session[s] = ACTIVE }
    :: BROKEN -> goto interrupted
    fi;
    do
    :: atomic { NEWS && (session[s] == ACTIVE || session[s] == ENDLESS) -> hear(); cut_off() }
    :: atomic { why > STOP && !cut && session[s] == ENDLESS -> cut_off() } /* repeated */
    :: session[s] == INTX && !closed[s] -> break
    :: session[s] == ERROR && !closed[s] -> goto failing
    :: session[s] == CANCELLED && !closed[s] || BROKEN -> goto interrupted
    :: atomic { status[r] > STOPPING -> closed[s] = 1; goto interrupted }
    od;
    if
    :: REPEATABLE(o)
    :: atomic { !REPEATABLE(o) && MINE(r, e) -> DELIVERED(r, o) = 1 }
    :: !REPEATABLE(o) && !MINE(r, e) -> goto interrupted
    fi;

    /* The fence behind it: the row is held from before the COMMIT is sent until the step is on record. */
    do
    :: atomic { MINE(r, e) -> LOCK }
      if
      :: atomic { PASSING -> passing = 1; break }
      :: else /* took too long */
      fi
    :: !MINE(r, e) -> goto interrupted
    od;
    if
    :: atomic { !cut && !BROKEN ->
      session[s] = COMMITTING; under_gate[s] = gate[r] == w + 1 }
    :: BROKEN -> goto outcome_unknown
    fi;
    do
    :: session[s] == COMMITTED && !closed[s] -> break
    :: atomic { session[s] == ERROR && !closed[s] -> close_gate(); goto failing }
    :: atomic { session[s] == CANCELLED && !closed[s] -> close_gate(); goto interrupted }
    :: BROKEN -> goto outcome_unknown
    :: atomic { session[s] == COMMITTING && NEWS -> hear(); cut_off() }
#ifdef SLOW_COMMITS
      /* It hangs: a stop must not wait for it. */
    :: atomic { session[s] == COMMITTING && passing -> close_gate(); passing = 0 }
#endif
    :: atomic { status[r] > STOPPING -> closed[s] = 1; goto outcome_unknown }
    od;
    if
    :: atomic { passing && PASSING -> record(); close_gate() }
    :: atomic { !passing -> record() }
    :: atomic { else -> why = LEAVE; goto leaving } /* the gate is gone, and what it was about to record */
    fi;
    atomic { passing = 0; have = have | (1 << o) }
    goto next_operator;

outcome_unknown:
    close_gate();
#ifndef BUILT_LOST_COMMIT_IS_ROLLED_BACK
    goto leaving; /* the step stays begun: the data source is asked when no session is left */
#endif
interrupted:
    passing = 0;
    if
    :: atomic { STEP(r, o) == BEGUN && STEP_EPOCH(r, o) == e -> 
        if
        :: status[r] != RUNNING || epoch[r] != e || why != 0 -> STEP(r, o) = ROLLED_BACK
        :: else -> STEP(r, o) = STEP_FAILED; error = 1
        fi }
    :: else
    :: why == LOST /* cannot be recorded */
    fi;
    goto leaving;
failing:
    atomic { passing = 0;
      if
      :: STEP(r, o) == BEGUN && STEP_EPOCH(r, o) == e -> STEP(r, o) = STEP_FAILED; error = 1
      :: else
      fi }

leaving:
    close_gate();
    if
    :: !listed || closed[s] || session[s] == GONE
    :: else ->
      closed[s] = 1;
      if
      :: session[s] == GONE
      :: cut || session[s] == ENDLESS || session[s] == ACTIVE || session[s] == COMMITTING /* not waited for for ever */
      fi
    fi;
#ifdef BUILT_ACKNOWLEDGES_UNSEEN
    /* The ledger's acknowledgement and the look go out together. */
    if
    :: atomic { listed -> ledger[s] = CLOSED }
    :: !listed
    :: why == LOST -> goto left /* cannot be recorded */
    fi;
#endif
#ifdef BUILT_LOOKS_AT_OWN_SESSIONS_ONLY
    if
    :: !listed -> goto ending
    :: listed
    fi;
#endif
    if
    :: atomic { !cut -> look(r);
      if
      :: any_lives -> goto left
      :: else
      fi }
    :: cut -> goto left
    fi;
#ifndef BUILT_ACKNOWLEDGES_UNSEEN
    if
    :: atomic { listed -> ledger[s] = CLOSED }
    :: !listed
    :: why == LOST -> goto left /* cannot be recorded */
    fi;
#endif
#ifndef BUILT_LOST_COMMIT_IS_ROLLED_BACK
    if
    :: atomic { !cut -> decide(r) }
    :: cut -> goto left
    fi;
#endif
ending:
    atomic { !HELD(r) ->
      if
      :: why > STOP && status[r] == STOPPING || why <= STOP && epoch[r] == e && (status[r] == RUNNING || status[r] == STOPPING) ->
        end_run(r, (why > STOP -> 0 : error))
      :: else -> ended = 0
      fi;
      if
      :: ended || why != HAND_OVER -> goto left
      :: else
      fi }
    if
    :: atomic { !HELD(r) && epoch[r] == e && status[r] == RUNNING -> lease_over[r] = 1 }
    :: epoch[r] != e || status[r] != RUNNING
    fi;
left:
    atomic { let_go(); r = 0; e = 0; s = 0; o = 0; why = 0; have = 0; error = 0; listed = 0; passing = 0 }
    goto end_idle
  } unless {
    atomic { crashed[w] ->
      if
      :: e != 0 -> close_gate(); let_go(); closed[s] = 1
      :: else
      fi;
      r = 0; e = 0; s = 0; o = 0; why = 0; have = 0; error = 0; listed = 0; passing = 0 }
  }
}
