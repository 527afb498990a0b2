import { ApiProperty } from '@nestjs/swagger';
import { TagDto } from '../../tags/tag.dto.js';
import { UserDto } from '../../users/dto/user.dto.js';

export class ConnectionParameterDto {
  @ApiProperty({ example: 'dfs.nameservices' }) readonly key!: string;
  @ApiProperty({ example: 'cluster' }) readonly value!: string;
}

/** chorus-api.md 5.6, HDFS, succinct form */
export class SuccinctHdfsDataSourceDto {
  @ApiProperty({ example: 1000003 }) readonly id!: number;
  @ApiProperty({ example: 'Lake' }) readonly name!: string;
  @ApiProperty({ example: 'hdfs_data_source' }) readonly entity_type!: string;
  @ApiProperty({ example: false, description: 'Host and port of the job tracker are set.' })
  readonly supports_work_flows!: boolean;
  @ApiProperty({ type: String, nullable: true, example: 'Cloudera CDH5' })
  readonly hdfs_version!: string | null;
  @ApiProperty({ example: false }) readonly is_hdfs_hive!: boolean;
  @ApiProperty({ type: String, nullable: true, example: null })
  readonly hive_metastore_location!: string | null;
  @ApiProperty({ type: Boolean, nullable: true, example: null }) readonly is_deleted!: true | null;
  @ApiProperty({ enum: ['online', 'offline', 'incomplete', 'disabled', 'enabled'] })
  readonly state!: string;
}

/** chorus-api.md 5.6, HDFS */
export class HdfsDataSourceDto extends SuccinctHdfsDataSourceDto {
  @ApiProperty({ example: 'namenode.example.org' }) readonly host!: string;
  @ApiProperty({ type: Number, nullable: true, example: 8020 }) readonly port!: number | null;
  @ApiProperty({ example: false }) readonly online!: boolean;
  @ApiProperty({ type: String, nullable: true, example: null })
  readonly description!: string | null;
  @ApiProperty({ type: String, nullable: true, example: null }) readonly version!: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'hadoop' })
  readonly username!: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'staff' })
  readonly group_list!: string | null;
  @ApiProperty({ type: String, nullable: true, example: null })
  readonly job_tracker_host!: string | null;
  @ApiProperty({ type: Number, nullable: true, example: null })
  readonly job_tracker_port!: number | null;
  @ApiProperty({ example: false }) readonly high_availability!: boolean;
  @ApiProperty({ type: [ConnectionParameterDto] })
  readonly connection_parameters!: readonly ConnectionParameterDto[];
  @ApiProperty({ type: UserDto }) readonly owner!: UserDto;
  @ApiProperty({ type: [TagDto] }) readonly tags!: readonly TagDto[];
  @ApiProperty({ example: true }) readonly complete_json!: true;
}
