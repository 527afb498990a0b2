import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';

const ANY = {
  description: 'Any JSON.',
  type: ['string', 'number', 'boolean', 'object', 'array', 'null'],
} as unknown as ApiPropertyOptions;

/** What a touchpoint asks of whoever runs it. */
export class TouchpointParameterDto {
  @ApiProperty({ example: 3 }) readonly id!: number;
  @ApiProperty({ example: 1000004 }) readonly workfile_id!: number;
  @ApiProperty({ example: '@min_lines' }) readonly variable_name!: string;
  @ApiProperty({ type: String, nullable: true }) readonly label!: string | null;
  @ApiProperty({ type: String, nullable: true }) readonly description!: string | null;
  @ApiProperty({ type: String, nullable: true }) readonly data_type!: string | null;
  @ApiProperty({ type: Boolean, nullable: true }) readonly required!: boolean | null;
  @ApiProperty({ type: Boolean, nullable: true }) readonly use_default!: boolean | null;
  @ApiProperty(ANY) readonly options!: unknown;
  @ApiProperty(ANY) readonly validations!: unknown;
}
