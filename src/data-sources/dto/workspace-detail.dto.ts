import { ApiProperty } from '@nestjs/swagger';

export class SandboxUseDto {
  @ApiProperty({ example: 1000008 }) readonly id!: number;
  @ApiProperty({ example: 'Public' }) readonly name!: string;
  @ApiProperty({ type: Number, nullable: true, example: 1048576 })
  readonly size_in_bytes!: number | null;
  @ApiProperty({
    type: Number,
    nullable: true,
    example: null,
    description: 'Always null: sandboxes have no quota here.',
  })
  readonly percentage_used!: null;
  @ApiProperty({ example: 'Ada Lovelace' }) readonly owner_full_name!: string;
  @ApiProperty({ example: 'default' }) readonly schema_name!: string;
  @ApiProperty({ example: 'default' }) readonly database_name!: string;
}

/** chorus-api.md 10.1 */
export class WorkspaceDetailDto {
  @ApiProperty({ type: [SandboxUseDto], nullable: true })
  readonly workspaces!: readonly SandboxUseDto[] | null;
  @ApiProperty({
    type: Number,
    nullable: true,
    example: 1048576,
    description: 'Of all sandboxes there, each schema once.',
  })
  readonly sandboxes_size_in_bytes!: number | null;
  @ApiProperty({ example: true }) readonly complete_json!: true;
}
