import { Injectable, type OnModuleInit, type Type } from '@nestjs/common';
import { PATH_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { PATTERN_METADATA } from '@nestjs/microservices/constants.js';
import { RULE } from '../access/rule.decorator.js';

/** A method that HTTP or messages can call has one of these. */
const CALLABLE = [PATH_METADATA, PATTERN_METADATA];

/** Deny first: refuses to start while any route or message says nothing about who may send it. */
@Injectable()
export class RuleCheck implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  onModuleInit(): void {
    const open = this.discovery.getControllers().flatMap(({ metatype }) => {
      if (typeof metatype !== 'function') return [];
      return this.routesWithoutRule(metatype as Type).map((name) => `${metatype.name}.${name}`);
    });
    if (open.length > 0)
      throw new Error(`routes or messages without an access rule: ${open.join(', ')}`);
  }

  private routesWithoutRule(controller: Type): string[] {
    const prototype = controller.prototype as Record<string, () => unknown>;
    return this.scanner.getAllMethodNames(prototype).filter((name) => {
      const handler = prototype[name];
      if (handler === undefined) return false;
      if (!CALLABLE.some((key) => Reflect.hasMetadata(key, handler))) return false;
      return this.reflector.getAllAndOverride(RULE, [handler, controller]) === undefined;
    });
  }
}
