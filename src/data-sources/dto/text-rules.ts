import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsInt, IsNumber, IsOptional, IsString, Max, Min } from 'class-validator';
import { IsPresent, LARGEST_ID, RequiredText } from '../../common/http/attribute-rules.js';
import { MaxLength } from '../../common/http/text-length.js';

const LARGEST_PORT = 65_535;

// Of each property the first rule that fails is reported: what is missing or of the wrong type comes first. Decorators
// beside each other are taken from the last to the first, those in one call in their order.

/** Text that may be left out or null; a JSON number is taken for its digits. */
export function Text(maxLength: number): PropertyDecorator {
  return applyDecorators(Digits(), IsOptional(), IsString(), MaxLength(maxLength));
}

/** Text that must be there; a JSON number is taken for its digits. */
export function NeededText(maxLength: number): PropertyDecorator {
  return applyDecorators(Digits(), RequiredText(maxLength));
}

/** The id of another record, as number or digits, that must be there. */
export function NeededId(): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }: { value: unknown }) => numberOf(value)),
    IsPresent(),
    IsInt(),
    Min(1),
    Max(LARGEST_ID),
  );
}

/** A whole number of at least 1 that may be left out; empty is null. */
export function Count(largest = LARGEST_ID): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }: { value: unknown }) => numberOf(value)),
    IsOptional(),
    IsNumber(),
    IsInt(),
    Min(1),
    Max(largest),
  );
}

/** A TCP port that may be left out; empty is null. */
export function Port(): PropertyDecorator {
  return Count(LARGEST_PORT);
}

function Digits(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) =>
    typeof value === 'number' ? String(value) : value,
  );
}

function numberOf(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const text = value.trim();
  if (text === '') return null;
  return /^[+-]?\d{1,15}(\.\d{1,15})?$/.test(text) ? Number(text) : value;
}
