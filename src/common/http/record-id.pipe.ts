import { Injectable, type PipeTransform } from '@nestjs/common';
import { RecordNotFound } from '../errors/domain-error.js';

const LARGEST = 2_147_483_647;

/** A decimal id of the path. What cannot be one names no record: 404 (chorus-api.md 1.1). */
@Injectable()
export class RecordIdPipe implements PipeTransform<string, number> {
  transform(value: string): number {
    const id = Number(value);
    if (!/^\d{1,10}$/.test(value) || id > LARGEST) throw new RecordNotFound();
    return id;
  }
}
