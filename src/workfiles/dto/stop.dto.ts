import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength } from 'class-validator';

/** The documented request has no body; the reason is kept in the receipt. */
export class StopDto {
  @ApiPropertyOptional({ example: 'wrong filter', maxLength: 1000 })
  @IsOptional()
  @IsString()
  @MaxLength(1000)
  readonly reason?: string;
}
