import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsBoolean, IsInt, IsOptional, IsString, Max, Min, ValidateBy } from 'class-validator';
import { MaxLength } from './text-length.js';

/** Ids are PostgreSQL integers. */
export const LARGEST_ID = 2_147_483_647;

// Of each property the first rule that fails is reported, so what is missing or of the wrong type comes first.

/** Not missing, null, empty or only white space: else `BLANK`. */
export function IsPresent(): PropertyDecorator {
  return ValidateBy({
    name: 'isPresent',
    validator: {
      validate: (value: unknown) =>
        value !== undefined &&
        value !== null &&
        !(typeof value === 'string' && value.trim() === ''),
    },
  });
}

/** Required text. */
export function RequiredText(maxLength: number): PropertyDecorator {
  return applyDecorators(IsPresent(), IsString(), MaxLength(maxLength));
}

/** Text that may be left out or null. */
export function OptionalText(maxLength: number): PropertyDecorator {
  return applyDecorators(IsOptional(), IsString(), MaxLength(maxLength));
}

/** A boolean, or a form's word for one; empty is null (chorus-api.md 1.2). */
export function Flag(): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }) => booleanOf(value)),
    IsOptional(),
    IsBoolean(),
  );
}

/** The id of another record, as number or digits; empty is null. */
export function RecordId(): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }) => integerOf(value)),
    IsOptional(),
    IsInt(),
    Min(1),
    Max(LARGEST_ID),
  );
}

const BOOLEANS = new Map<string, boolean | null>([
  ['true', true],
  ['t', true],
  ['1', true],
  ['false', false],
  ['f', false],
  ['0', false],
  ['', null],
]);

/** What is no boolean stays as it is. */
export function booleanOf(value: unknown): unknown {
  if (typeof value !== 'string' && typeof value !== 'number') return value;
  const meant = BOOLEANS.get(String(value).trim().toLowerCase());
  return meant === undefined ? value : meant;
}

/** True or its one word, for flags that know no other. */
export function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}

function integerOf(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (value.trim() === '') return null;
  return /^\d{1,15}$/.test(value) ? Number(value) : value;
}
