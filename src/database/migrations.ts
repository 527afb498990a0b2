import { FirstStop1795500000000 } from './migrations/1795500000000-FirstStop.js';

/** Every migration, oldest first. A glob would make TypeORM import() the files, which breaks under Jest. */
export const migrations = [FirstStop1795500000000];
