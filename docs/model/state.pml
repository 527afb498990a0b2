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

/* Status of a step. */
#define NOT_BEGUN 0
#define BEGUN 1 /* 'running' in the database */
#define FINISHED 2
#define ROLLED_BACK 3
#define STEP_FAILED 4

/* Ledger of sessions. */
#define UNKNOWN 0
#define OPENING 1 /* about to be opened: no handle yet */
#define OPENED 2  /* handle on record */
#define CLOSED 3

#define NOBODY 0

byte status[RUNS];
byte epoch[RUNS];
byte worker[RUNS]; /* who renews the lease: number + 1 */
bit lease_over[RUNS];
byte gate[RUNS]; /* who holds the row FOR SHARE across a COMMIT: number + 1 */
byte ledger[RUNS * EPOCHS];
byte step[RUNS * OPERATORS];       /* the latest attempt of each operator */
byte step_epoch[RUNS * OPERATORS]; /* the epoch of that attempt */
bit delivered[RUNS * OPERATORS];   /* what it made is on record as well */
bit recorded[RUNS * OPERATORS];    /* for the properties: an attempt finished with its result on record */

/* What a statement finds out; nothing of it outlasts the statement. */
hidden byte any_open, any_opening, undecided, ended, all_finished, any_failed;

#define STEP(r, o) step[(r) * OPERATORS + (o)]
#define STEP_EPOCH(r, o) step_epoch[(r) * OPERATORS + (o)]
#define DELIVERED(r, o) delivered[(r) * OPERATORS + (o)]
#define RECORDED(r, o) recorded[(r) * OPERATORS + (o)]
#define HELD(r) (gate[r] != NOBODY)
#define OPEN(s) (ledger[s] == OPENING || ledger[s] == OPENED)

/* The fence of every write of a worker: the run is running, and in its epoch. */
#ifdef SEED_NO_EPOCH
#define MINE(r, e) (status[r] == RUNNING)
#else
#define MINE(r, e) (status[r] == RUNNING && epoch[r] == (e))
#endif

/*
 * The data source: sessions, what they are at, and what of it has taken effect. A session belongs to one epoch of one run
 * and is named by its slot, which is never used again: pid, start and tag in one.
 */
#define NONE 0
#define CONNECTING 1 /* asked for; not to be any_lives yet */
#define GONE 2
#define IDLE 3   /* from here on it lives, and a look for the tag shows it */
#define INTX 4   /* transaction any_open, nothing running */
#define ACTIVE 5 /* a statement runs and will end by itself */
#define ENDLESS 6 /* a statement runs until it is cut off */
#define ERROR 7     /* its own: the transaction is aborted */
#define CANCELLED 8 /* from outside: the transaction is aborted */
#define COMMITTING 9 /* COMMIT was sent; not decided */
#define COMMITTED 10

#define SLOT(r, e) ((r) * EPOCHS + (e) - 1)
#define RUN_OF(s) ((s) / EPOCHS)
#define LIVES(s) (session[s] >= IDLE)
#define IN_PROGRESS(s) (session[s] >= INTX && session[s] <= ENDLESS || session[s] == COMMITTING)

byte session[RUNS * EPOCHS];
byte at[RUNS * EPOCHS];    /* the operator whose transaction it has, or had last */
bit closed[RUNS * EPOCHS]; /* the client has closed or lost its side */
byte client[RUNS * EPOCHS];  /* which worker opened it */
bit admitted[RUNS * EPOCHS];   /* for the properties: its handle was on record, it may get statements */
bit under_gate[RUNS * EPOCHS]; /* for the properties: its COMMIT was sent while the gate was held */
byte effect[RUNS * OPERATORS]; /* transactions that took effect: one bit an epoch */
bit cut; /* the data source cannot be reached */

hidden byte nth;
hidden byte any_lives;

#define EFFECT(r, o) effect[(r) * OPERATORS + (o)]
#define BIT(s) (1 << ((s) % EPOCHS))
