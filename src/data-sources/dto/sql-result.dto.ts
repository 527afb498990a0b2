import { ApiProperty } from '@nestjs/swagger';
import { typeCategory } from '../column-type.js';

/** chorus-api.md 5.19 */
export class ColumnDto {
  @ApiProperty({ example: 'monthly_income' }) readonly name!: string;
  @ApiProperty({ example: 'numeric(10,2)', description: 'In lower case.' })
  readonly data_type!: string;
  @ApiProperty({
    enum: [
      'WHOLE_NUMBER',
      'REAL_NUMBER',
      'BOOLEAN',
      'BINARY',
      'STRING',
      'LONG_STRING',
      'DATE',
      'TIME',
      'DATETIME',
      'OTHER',
    ],
    example: 'REAL_NUMBER',
  })
  readonly type_category!: string;
  @ApiProperty({ type: String, nullable: true, example: 'Before tax' })
  readonly description!: string | null;
  @ApiProperty({ type: 'object', additionalProperties: true, example: {} })
  readonly statistics!: object;
  @ApiProperty({ example: 'database_column' }) readonly entity_type!: 'database_column';
  @ApiProperty({ example: true }) readonly complete_json!: true;
}

/** chorus-api.md 5.19 */
export class SqlResultDto {
  @ApiProperty({ type: [ColumnDto] }) readonly columns!: readonly ColumnDto[];
  @ApiProperty({
    type: 'array',
    items: { type: 'array', items: { type: 'string', nullable: true } },
    example: [
      ['1', '4200.50'],
      ['2', null],
    ],
    description: 'Values as the data source prints them; null is SQL NULL.',
  })
  readonly rows!: readonly (readonly (string | null)[])[];
  @ApiProperty({ type: [String], example: ['Only the first 500 rows are shown.'] })
  readonly warnings!: readonly string[];
  @ApiProperty({ example: true }) readonly complete_json!: true;
}

/** A cancel whose proof is still to come. */
export class SqlCancellingDto {
  @ApiProperty({ example: 'stopping' }) readonly status!: 'stopping';
  @ApiProperty({ format: 'uuid' }) readonly execution_id!: string;
  @ApiProperty({
    type: String,
    nullable: true,
    example: 'cannot connect to data source "Owners", database "default": connect ECONNREFUSED',
    description: 'What stands in the way.',
  })
  readonly last_error!: string | null;
}

/** Key order is contract (chorus-api.md 5.19). */
export function columnDto(column: {
  readonly name: string;
  readonly dataType: string;
  readonly description: string | null;
}): ColumnDto {
  return {
    name: column.name,
    data_type: column.dataType.toLowerCase(),
    type_category: typeCategory(column.dataType),
    description: column.description,
    statistics: {},
    entity_type: 'database_column',
    complete_json: true,
  };
}
