import { Global, Module } from '@nestjs/common';
import { FlowDocuments } from '../workfiles/flow-documents.js';
import { AfmDocuments } from './afm-documents.js';

/** Gives workfiles what they ask of the engine; global, because workfiles come before it. */
@Global()
@Module({
  providers: [{ provide: FlowDocuments, useClass: AfmDocuments }],
  exports: [FlowDocuments],
})
export class EngineDocumentsModule {}
