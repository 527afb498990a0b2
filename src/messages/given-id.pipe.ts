import { Injectable, type PipeTransform } from '@nestjs/common';
import { RecordNotFound, ValidationFailed } from '../common/errors/domain-error.js';

/** The `id` of a payload as the text that HTTP has in its path: JSON may write it as a number. */
@Injectable()
export class GivenIdPipe implements PipeTransform<unknown, string> {
  transform(value: unknown): string {
    if (value === undefined || value === null || value === '')
      throw new ValidationFailed({ id: { BLANK: {} } });
    if (typeof value !== 'string' && typeof value !== 'number') throw new RecordNotFound();
    return String(value);
  }
}
