/*
 * Who asks for runs, who stops them, and who drives a stop until it is confirmed.
 */
#ifdef SEED_NO_UNIQUE_INDEX
#define ROOM(r) true
#else
#define ROOM(r) (status[r] == ABSENT || status[r] > STOPPING)
#endif

/* Somebody asks to run the workfile; the unique index says whether it gets a run. */
proctype Request(byte r) {
#if RUNS > 1
  if
  :: atomic { ROOM(1 - r) -> move(r, QUEUED);
      assert(I4 || status[1 - r] == ABSENT || status[1 - r] > STOPPING) }
  :: !ROOM(1 - r) /* refused */
  fi
#else
  atomic { move(r, QUEUED) }
#endif
}

/* Somebody stops whatever run the workfile has. */
proctype Stop() {
end:
  if
  :: atomic { status[0] == QUEUED -> move(0, STOPPED) }
  :: atomic { status[0] == RUNNING && !HELD(0) -> move(0, STOPPING) }
#if RUNS > 1
  :: atomic { status[1] == QUEUED -> move(1, STOPPED) }
  :: atomic { status[1] == RUNNING && !HELD(1) -> move(1, STOPPING) }
#endif
  fi
}

/*
 * One kill of every session whose handle is on record, soft or hard: one statement a session, which matches or does nothing.
 */
inline kill(s) {
  if
  :: ledger[s] == OPENED -> cancel(s)
  :: ledger[s] == OPENED -> terminate(s)
  :: true
  fi
}
inline fire(r) {
  kill(r * EPOCHS);
#if EPOCHS > 1
  kill(r * EPOCHS + 1);
#endif
#if EPOCHS > 2
  kill(r * EPOCHS + 2);
#endif
}

/*
 * Whether it is time to look: nothing of the run may appear still, or its worker is gone. What is safe does not depend on
 * it, so it is left out there; what always happens in the end does.
 */
#ifdef LIVENESS
#define MAY_LOOK(r) (lease_over[r] || ledger[r * EPOCHS] != OPENING)
#else
#define MAY_LOOK(r) true
#endif

/*
 * The process that took the stop, and others: the worker's own, whoever takes it up because nobody drives it any more. For what
 * is safe they may all be at it at once.
 */
#if API_CRASHES
bit api_crashed;
#ifdef SEED_NO_SWEEP
#define MAY_DRIVE(d) (d == 0)
#else
#define MAY_DRIVE(d) (d == 0 || api_crashed)
#endif
#else
#define MAY_DRIVE(d) true
#endif

proctype Driver(byte d) {
  byte r;
#if API_CRASHES
  {
#endif
end:
    do
    :: atomic { status[0] == STOPPING && MAY_DRIVE(d) -> r = 0; break }
#if RUNS > 1
    :: atomic { status[1] == STOPPING && MAY_DRIVE(d) -> r = 1; break }
#endif
    od;
#ifdef SEED_NO_REPEAT
    if
    :: atomic { !cut -> fire(r) }
    :: cut
    fi;
#endif
    do
    :: atomic { status[r] != STOPPING -> r = 0; goto end }
#ifndef LIVENESS
    :: atomic { status[r] == STOPPING && !cut -> fire(r) }
#endif
      /* The proof; what it finds is ended. */
#ifdef SEED_CONFIRM_BLIND
    :: atomic { status[r] == STOPPING }
#else
    :: atomic { status[r] == STOPPING && MAY_LOOK(r) && !cut ->
#if defined(LIVENESS) && !defined(SEED_NO_REPEAT)
        fire(r);
#endif
        look(r);
        if
#ifdef SEED_NO_REPEAT
        :: any_lives -> goto again
#else
        :: any_lives -> terminate_seen(r); goto again
#endif
        :: else
        fi }
#endif
      atomic { gone(r, EPOCHS) }
      if
      :: atomic { !cut -> decide(r, EPOCHS);
          if
          :: undecided -> goto again
          :: else
          fi }
      :: atomic { cut -> goto again }
      fi;
      atomic { !HELD(r) ->
        if
        :: status[r] == STOPPING -> end_run(r, 0)
        :: else
        fi }
again:
      skip
    od
#if API_CRASHES
  } unless { atomic { d == 0 && api_crashed -> r = 0 } }
#endif
}
