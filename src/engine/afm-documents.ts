import { Injectable } from '@nestjs/common';
import { ValidationFailed } from '../common/errors/domain-error.js';
import type { RunSnapshot } from '../runs/run-snapshot.js';
import {
  type ChosenPlace,
  FlowDocuments,
  type StartingTable,
} from '../workfiles/flow-documents.js';
import { newAfm } from './afm/new-afm.js';
import { nameResolver } from './afm/place-data-sources.js';
import { readAfm } from './afm/read-afm.js';
import { writeAfm } from './afm/write-afm.js';
import { FlowInvalid, type FlowProblem } from './flow-plan.js';
import { planFlow } from './plan-flow.js';

/** `.afm` documents as workfiles take and give them. */
@Injectable()
export class AfmDocuments extends FlowDocuments {
  imported(contents: Buffer, name: string, places: readonly ChosenPlace[]): string {
    const locations = places.map((place) => ({ ...place, accountId: 0 }));
    try {
      const afm = decoded(contents);
      const document = readAfm(afm);
      const resolve = nameResolver(document, locations);
      const distinct = new Set(places.map(({ dataSourceName }) => dataSourceName)).size;
      // Two databases of one data source would get one name: then the names stay, and are resolved at run time.
      const renames = distinct === places.length;
      const written = writeAfm(afm, {
        dataSource: (old) => (renames ? (resolve(old)?.dataSourceName ?? old) : old),
      });
      check({
        afm: written,
        flowName: name,
        workfileId: 0,
        userId: 0,
        userName: '',
        locations,
        variables: [],
      });
      return written;
    } catch (error) {
      if (!(error instanceof FlowInvalid)) throw error;
      throw new ValidationFailed({
        'versions.contents': { INVALID: { problems: error.problems } },
      });
    }
  }

  startingFrom(tables: readonly StartingTable[]): string {
    return newAfm(tables);
  }
}

/**
 * What only this server or its places lack is no reason to refuse a file (operators.md 3), nor are parameters that it
 * lacks itself, which a run tells of (0.1).
 * @throws FlowInvalid
 */
function check(snapshot: RunSnapshot): void {
  try {
    planFlow(snapshot);
  } catch (error) {
    if (!(error instanceof FlowInvalid)) throw error;
    const told = error.problems.filter(({ kind }) => kind !== 'not_here');
    if (told.some(({ kind }) => kind !== 'missing')) throw new FlowInvalid(told.map(printed));
  }
}

function printed({ operator, parameter, message }: FlowProblem): FlowProblem {
  return { operator, parameter, message };
}

function decoded(contents: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(contents);
  } catch {
    throw new FlowInvalid([{ operator: null, parameter: null, message: 'the file is not UTF-8' }]);
  }
}
