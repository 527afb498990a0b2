import { Injectable, type PipeTransform } from '@nestjs/common';
import { isUUID } from 'class-validator';
import { RecordNotFound } from '../errors/domain-error.js';

/** A UUID of the path, in lower case. What cannot be one names no record: 404. */
@Injectable()
export class UuidPipe implements PipeTransform<string, string> {
  transform(value: string): string {
    if (!isUUID(value)) throw new RecordNotFound();
    return value.toLowerCase();
  }
}
