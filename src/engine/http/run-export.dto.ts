import { ApiProperty } from '@nestjs/swagger';

/** A file of a run. */
export class RunExportDto {
  @ApiProperty({ example: 'Export', description: 'Name of the operator.' })
  operator!: string;

  @ApiProperty({ example: 'golf_days.csv' })
  file_name!: string;

  @ApiProperty({ example: 512 })
  size_bytes!: number;

  @ApiProperty({
    example: '/api/runs/0197f3c0-0000-7000-8000-000000000000/exports/3',
    description: 'Where to download it.',
  })
  url!: string;
}
