/*
 * Everything that outlasts a statement: the rows of the metadata database, and the sessions of the data source.
 */
/* Status of a run. */
#define ABSENT 0
#define QUEUED 1
#define RUNNING 2
#define STOPPING 3
#define STOPPED 4
#define SUCCEEDED 5
#define FAILED 6

/* Status of a step: an attempt at an operator. */
#define NOT_BEGUN 0
#define BEGUN 1 /* 'running' in the database */
#define FINISHED 2
#define ROLLED_BACK 3
#define STEP_FAILED 4
#define IN_DOUBT 5 /* 'failed' in the database: nobody can tell whether it took effect */

/* Ledger of sessions. */
#define UNKNOWN 0
#define OPENING 1 /* about to be opened: no handle yet */
#define OPENED 2  /* handle on record */
#define CLOSED 3

byte status[RUNS];
byte epoch[RUNS];
bit renewed[RUNS];    /* the worker of the latest claim is there and renews the lease */
bit lease_over[RUNS];
byte gate[RUNS];      /* the epoch of the worker that holds the row FOR SHARE across a COMMIT; 0: nobody */
byte ledger[RUNS * EPOCHS];
byte step[RUNS * EPOCHS * OPERATORS];
bit delivered[RUNS * EPOCHS * OPERATORS]; /* what the attempt made is on record */

/* A session belongs to one claim of one run and is named by its slot, which is never used again: pid, start and tag in one. */
#define SLOT(r, e) ((r) * EPOCHS + (e) - 1)
#define RUN_OF(s) ((s) / EPOCHS)
#define STEP(s, o) step[(s) * OPERATORS + (o)]
#define DELIVERED(s, o) delivered[(s) * OPERATORS + (o)]
#define EFFECT(s, o) effect[(s) * OPERATORS + (o)]
#define MAY_REPEAT(o) ((REPEATABLE >> (o)) & 1)
#define HELD(r) (gate[r] != 0)
#define OPEN(s) (ledger[s] == OPENING || ledger[s] == OPENED)

/* The fence of every write of a worker: the run is running, and in its epoch. */
#ifdef SEED_NO_EPOCH
#define MINE(r, e) (status[r] == RUNNING)
#else
#define MINE(r, e) (status[r] == RUNNING && epoch[r] == (e))
#endif

/* The data source: sessions, what they are at, and what of it has taken effect. */
#define NONE 0
#define CONNECTING 1 /* asked for; nobody sees it yet */
#define GONE 2
#define IDLE 3   /* from here on it lives, and a look shows it: by its tag, its opening tag or its handle */
#define INTX 4   /* in a transaction, nothing running */
#define BOUND 5  /* the same, and the server ends it when it stays idle for too long */
#define ACTIVE 6 /* a statement runs and will end by itself */
#define ENDLESS 7 /* a statement runs until it is cut off */
#define ERROR 8     /* its own: the transaction is aborted */
#define CANCELLED 9 /* from outside: the transaction is aborted */
#define COMMITTING 10 /* COMMIT was sent; not decided */
#define COMMITTED 11

#define LIVES(s) (session[s] >= IDLE)
#define RUNS_STATEMENT(s) (session[s] == ACTIVE || session[s] == ENDLESS || session[s] == COMMITTING)

byte session[RUNS * EPOCHS];
byte at[RUNS * EPOCHS];      /* the operator whose transaction it has */
bit closed[RUNS * EPOCHS];   /* the client has closed or lost its side */
bit admitted[RUNS * EPOCHS]; /* for the properties: its handle came on record while it was there */
bit under_gate[RUNS * EPOCHS]; /* for the properties: its COMMIT was sent while the gate was held */
bit effect[RUNS * EPOCHS * OPERATORS]; /* the transaction of the attempt took effect */
#if CUTS
bit cut; /* the data source cannot be reached */
#else
#define cut false
#endif
#if DEATHS
bit another_life[RUNS * EPOCHS]; /* the data source has died since the session was opened */
#define ANOTHER_LIFE(s) another_life[s]
#else
#define ANOTHER_LIFE(s) false
#endif

/* What a statement finds out; nothing of it outlasts the statement. */
hidden byte nth, any_lives, undecided, ended, any_open, any_begun, any_failed, finished, is_finished;
