import { API_DIES } from '../scenarios/api-dies.js';
import { BROKEN_NETWORK } from '../scenarios/broken-network.js';
import { CLOSE_RACE } from '../scenarios/close-race.js';
import { EXTRA_JOBS } from '../scenarios/extra-jobs.js';
import { FORGOTTEN_TRANSACTION } from '../scenarios/forgotten-transaction.js';
import { FREE_SQL } from '../scenarios/free-sql.js';
import { FROZEN_CONNECT } from '../scenarios/frozen-connect.js';
import { FROZEN_WORKER } from '../scenarios/frozen-worker.js';
import { KILL_EMBEDDED, KILL_MATRIX, KILL_REDIS } from '../scenarios/kill-matrix.js';
import { LOST_DELIVERY } from '../scenarios/lost-delivery.js';
import { ROLLING_RESTART } from '../scenarios/rolling-restart.js';
import { STOP_LATENCY } from '../scenarios/stop-latency.js';
import { STORM } from '../scenarios/storm.js';
import { TWO_HUNDRED } from '../scenarios/two-hundred.js';
import { WORKER_DIES } from '../scenarios/worker-dies.js';
import { WRONG_CLOCKS } from '../scenarios/wrong-clocks.js';
import type { Scenario } from './scenario.js';

export const SCENARIOS: readonly Scenario[] = [
  STORM,
  CLOSE_RACE,
  EXTRA_JOBS,
  FREE_SQL,
  KILL_MATRIX,
  KILL_REDIS,
  KILL_EMBEDDED,
  LOST_DELIVERY,
  FORGOTTEN_TRANSACTION,
  FROZEN_WORKER,
  FROZEN_CONNECT,
  BROKEN_NETWORK,
  WRONG_CLOCKS,
  ROLLING_RESTART,
  STOP_LATENCY,
  TWO_HUNDRED,
  WORKER_DIES,
  API_DIES,
];
