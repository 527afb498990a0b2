import { Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { User } from '../users/user.entity.js';

/** An activity. A note is an event whose action begins with `NoteOn`; an insight is a note with `insight` (entities.md 8). */
@Entity('events')
@Index('events_workspace_notes_idx', ['workspaceId', 'createdAt'], {
  where: "deleted_at IS NULL AND action LIKE 'NoteOn%'",
})
@Index('events_workspace_id_created_at_idx', ['workspaceId', 'createdAt'])
@Index('events_status_changes_idx', { synchronize: false })
@Index('events_target1_idx', ['target1Type', 'target1Id'])
export class Event {
  @PrimaryGeneratedColumn('identity', {
    generatedIdentity: 'BY DEFAULT',
    primaryKeyConstraintName: 'events_pkey',
  })
  id!: number;

  @Column({ type: 'varchar', length: 64 })
  action!: string;

  @Column({ name: 'actor_id', type: 'integer' })
  @ForeignKey(() => User, { name: 'events_actor_id_fkey' })
  actorId!: number;

  @Column({ name: 'workspace_id', type: 'integer', nullable: true })
  @ForeignKey('Workspace', { name: 'events_workspace_id_fkey' })
  workspaceId!: number | null;

  @Column({ name: 'target1_type', type: 'varchar', length: 32, nullable: true })
  target1Type!: string | null;

  @Column({ name: 'target1_id', type: 'integer', nullable: true })
  target1Id!: number | null;

  @Column({ name: 'target2_type', type: 'varchar', length: 32, nullable: true })
  target2Type!: string | null;

  @Column({ name: 'target2_id', type: 'integer', nullable: true })
  target2Id!: number | null;

  @Column({ name: 'target3_type', type: 'varchar', length: 32, nullable: true })
  target3Type!: string | null;

  @Column({ name: 'target3_id', type: 'integer', nullable: true })
  target3Id!: number | null;

  /** Printed flat, e.g. the `body` of a note. */
  @Column({ name: 'additional_data', type: 'jsonb', default: () => "'{}'" })
  additionalData!: Record<string, unknown>;

  @Column({ type: 'boolean', default: false })
  insight!: boolean;

  @Column({ name: 'promoted_by_id', type: 'integer', nullable: true })
  @ForeignKey(() => User, { name: 'events_promoted_by_id_fkey' })
  promotedById!: number | null;

  @Column({ name: 'promotion_time', type: 'timestamptz', nullable: true })
  promotionTime!: Date | null;

  @Column({ type: 'boolean', default: false })
  published!: boolean;

  @Column({ name: 'deleted_at', type: 'timestamptz', nullable: true })
  deletedAt!: Date | null;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;

  @Column({ name: 'updated_at', type: 'timestamptz', default: () => 'now()' })
  updatedAt!: Date;
}
