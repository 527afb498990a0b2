import { ApiProperty } from '@nestjs/swagger';

/** What a touchpoint asks of whoever runs it. */
export class TouchpointParameterDto {
  @ApiProperty({ example: 3 }) readonly id!: number;
  @ApiProperty({ example: 1000004 }) readonly workfile_id!: number;
  @ApiProperty({ example: '@min_lines' }) readonly variable_name!: string;
  @ApiProperty({ type: String, nullable: true }) readonly label!: string | null;
  @ApiProperty({ type: String, nullable: true }) readonly description!: string | null;
  @ApiProperty({ type: String, nullable: true }) readonly data_type!: string | null;
  @ApiProperty() readonly required!: boolean;
  @ApiProperty() readonly use_default!: boolean;
  @ApiProperty({ type: String, nullable: true }) readonly options!: string | null;
  @ApiProperty({ type: String, nullable: true }) readonly validations!: string | null;
}
