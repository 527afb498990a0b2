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

/* Kills every session whose handle is on record: one statement a session, which matches or does nothing. */
inline fire() {
  do
  :: atomic { slot < EPOCHS && ledger[r * EPOCHS + slot] == OPENED && !cut ->
      if
      :: hard -> terminate(r * EPOCHS + slot)
      :: !hard -> cancel(r * EPOCHS + slot)
      fi;
      slot++ }
  :: atomic { else ->
      slot++;
      if
      :: slot >= EPOCHS -> slot = 0; break
      :: else
      fi }
  od
}

/* Goes on until the run has ended; `age` says how long it takes: 1 once its worker had its time, 2 when it is enough. */
inline drive() {
  do
  :: atomic { status[r] != STOPPING -> age = 0; break }
  :: atomic { status[r] == STOPPING ->
      count_open(r);
      lease = lease_over[r];
      none = !any_open;
      may_appear = any_opening;
      if
      :: age < 2 -> age++
      :: true
      fi;
#ifdef SEED_NO_REPEAT
      age = 1;
      lease = 0
    }
#else
      hard = lease || age == 2 }
    fire();
#endif
    if
    :: none || lease || age > 0 && !may_appear -> confirm()
    :: else
    fi;
    d_step {
      lease = 0; none = 0; may_appear = 0; hard = 0;
      if
      :: age < 2 -> age++
      :: else
      fi
    }
  od
}

/* Proof, then the final state. */
inline confirm() {
#ifdef SEED_CONFIRM_BLIND
  sure = 1;
#else
  if
  :: atomic { !cut -> look(r);
      if
#ifdef SEED_NO_REPEAT
      :: any_lives
#else
      :: any_lives -> terminate_seen(r)
#endif
      :: else -> sure = 1
      fi }
  :: cut
  fi;
#endif
  if
  :: sure ->
    d_step { gone(r) }
    if
    :: d_step { !cut -> decide(r); sure = !undecided }
    :: cut -> sure = 0
    fi;
    if
    :: d_step { sure && !HELD(r) ->
        sure = 0;
        if
        :: status[r] == STOPPING -> end_run(r, 0)
        :: else
        fi }
    :: !sure
    fi
  :: else
  fi
}

bit api_crashed;

/* Stops whatever run the workfile has; can crash at every point. */
proctype Api() {
  byte r, slot, age;
  bit hard, lease, none, may_appear, sure;
  {
    if
    :: atomic { status[0] == QUEUED -> move(0, STOPPED); goto done }
    :: atomic { status[0] == RUNNING && !HELD(0) -> move(0, STOPPING) }
    :: status[0] > STOPPING -> goto done
#if RUNS > 1
    :: atomic { status[1] == QUEUED -> move(1, STOPPED); goto done }
    :: atomic { status[1] == RUNNING && !HELD(1) -> move(1, STOPPING); r = 1 }
#endif
    :: timeout -> goto done /* nothing is left that could be stopped */
    fi;
    fire();
    drive();
done:
    skip
  } unless {
    atomic { api_crashed -> r = 0; slot = 0; age = 0; hard = 0; lease = 0; none = 0; may_appear = 0; sure = 0 }
  }
}

#ifdef TWO_DRIVERS
#define FORSAKEN true
#else
#define FORSAKEN api_crashed
#endif

/* Any process that is up takes up what nobody drives. */
proctype Sweep() {
  byte r, slot, age;
  bit hard, lease, none, may_appear, sure;
end:
  do
  :: status[0] == STOPPING && FORSAKEN -> drive()
#if RUNS > 1
  :: status[1] == STOPPING && FORSAKEN -> r = 1; drive(); r = 0
#endif
  od
}
