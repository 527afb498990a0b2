import { Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { Event } from './event.entity.js';
import { User } from '../users/user.entity.js';

/** A reply to an event. */
@Entity('comments')
@Index('comments_event_id_idx', ['eventId'])
export class Comment {
  @PrimaryGeneratedColumn('identity', {
    generatedIdentity: 'BY DEFAULT',
    primaryKeyConstraintName: 'comments_pkey',
  })
  id!: number;

  @Column({ name: 'event_id', type: 'integer' })
  @ForeignKey(() => Event, { name: 'comments_event_id_fkey' })
  eventId!: number;

  @Column({ name: 'author_id', type: 'integer' })
  @ForeignKey(() => User, { name: 'comments_author_id_fkey' })
  authorId!: number;

  @Column({ type: 'text' })
  body!: string;

  @Column({ name: 'deleted_at', type: 'timestamptz', nullable: true })
  deletedAt!: Date | null;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;

  @Column({ name: 'updated_at', type: 'timestamptz', default: () => 'now()' })
  updatedAt!: Date;
}
