import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import type { Viewer } from '../access/viewer.js';
import { RecordNotFound } from '../common/errors/domain-error.js';
import { entityJson, entityOf } from '../common/sql/entity-json.js';
import { Event } from '../notes/event.entity.js';
import { type Person, type PersonJson, personJson, personOf } from '../users/person.js';
import { NotRunnable } from '../runs/run.errors.js';
import { recordActivity } from '../access/activities.js';
import type { WantedResult } from './dto/report-result.js';
import type { WorkfileKind } from './workfile.entity.js';
import type { WorkfileView } from './workfile-view.js';
import { WorkfileViews } from './workfile-views.service.js';
import { WorkfilesService } from './workfiles.service.js';

/** A result that was reported, as its activity. */
export interface ReportedResult {
  readonly event: Event;
  readonly actor: Person;
  readonly view: WorkfileView;
  readonly resultId: string;
}

const RUNNABLE: readonly WorkfileKind[] = ['workflow', 'worklet', 'published_worklet'];

/** Results of workflows are the engine's; here only the link to one is kept, as an activity (entities.md 4.6). */
@Injectable()
export class WorkfileResults {
  constructor(
    private readonly orm: OrmDataSource,
    private readonly workfiles: WorkfilesService,
    private readonly views: WorkfileViews,
  ) {}

  /**
   * @param read gives the result, null when none was written; called once it is known that the viewer may
   * @throws RecordNotFound; AccessDenied by rule *edit*; NotRunnable; ValidationFailed
   */
  async report(
    id: number,
    viewer: Viewer,
    read: () => WantedResult | null,
  ): Promise<ReportedResult | null> {
    const { kind, workspaceId } = await this.workfiles.getEditable(id, viewer);
    if (!RUNNABLE.includes(kind)) throw new NotRunnable();
    const result = read();
    if (result === null) return null;
    const { resultId } = result;
    const recorded = await this.orm.transaction(async (tx) => {
      await recordActivity(tx, {
        action: 'WorkfileResult',
        actorId: viewer.id,
        workspaceId,
        targets: [{ type: 'workfile', id }],
        data: { output_table: null, result_id: resultId },
      });
      const [row] = await tx.query<{ event: object; actor: PersonJson }[]>(
        `SELECT ${entityJson(Event, 'act')} AS event, ${personJson('act.actor_id')} AS actor FROM events act
         WHERE act.id = currval(pg_get_serial_sequence('events', 'id'))`,
      );
      return row;
    });
    if (recorded === undefined) throw new RecordNotFound();
    return {
      event: entityOf(Event, recorded.event),
      actor: personOf(recorded.actor),
      view: await this.views.get(id, viewer),
      resultId,
    };
  }
}
